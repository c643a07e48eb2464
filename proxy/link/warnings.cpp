#include "proxy/link/warnings.hpp"

#include "proxy/check/certificates.hpp"
#include "proxy/check/network.hpp"
#include "proxy/check/versions.hpp"

namespace sluice::proxy::link {

using check::State;

std::vector<std::string> find_warnings(const Source& source, const RelayConfig& relay,
                                       const check::CloudRules& rules) {
  std::vector<std::string> warnings;
  const auto take = [&warnings](const check::Requirement& found) {
    if (found.state != State::warn && found.state != State::fail) return;
    warnings.push_back(found.name + ": " + found.reason);
  };
  if (rules.public_address) take(judge_advertise(check::look_up_advertise(relay), rules));
  // The services do not verify the name, or not by these statements.
  const bool verified = rules.cloud == check::Cloud::mysql || rules.cloud == check::Cloud::mariadb;
  if (source.tls() && verified) {
    const std::string& host = source.address.host;
    take(judge_names(check::look_into("replica.tls.cert", relay.replica.tls.cert, host), host));
  }
  if (source.master) {
    take(judge_same_version(*source.master, &source.replica, relay.requirements.same_version));
  }
  return warnings;
}

}  // namespace sluice::proxy::link

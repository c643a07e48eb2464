#include "proxy/config/config_changes.hpp"

#include <tuple>

namespace sluice::proxy {
namespace {

auto account(const MasterConfig& master) {
  return std::tie(master.host, master.port, master.user);
}

auto limits(const ReplicaConfig& replica) {
  return std::tie(replica.allow, replica.proxy_protocol, replica.max_sessions, replica.max_logins,
                  replica.login_timeout, replica.compression);
}

/// Whether somebody may be in who would not be let in any more, over the connection he has.
bool is_stricter(const ReplicaTls& before, const ReplicaTls& after) {
  const bool wants_tls =
      after.mode == ReplicaTlsMode::required && before.mode != ReplicaTlsMode::required;
  return wants_tls || (before.client_ca.empty() && !after.client_ca.empty());
}

}  // namespace

std::vector<std::string_view> changed_sections(const RelayConfig& before,
                                               const RelayConfig& after) {
  std::vector<std::string_view> changed;
  const auto compare = [&changed](std::string_view name, bool same) {
    if (!same) changed.push_back(name);
  };
  const MasterConfig& master = after.master;
  const ReplicaConfig& replica = after.replica;
  compare("listen", before.listen == after.listen);
  compare("advertise", before.advertise == after.advertise);
  compare("master", account(before.master) == account(master) &&
                        before.master.connect_timeout == master.connect_timeout &&
                        before.master.compression == master.compression);
  compare("master.password", before.master.password == master.password);
  compare("master.tls", before.master.tls == master.tls);
  compare("replica", limits(before.replica) == limits(replica));
  compare("replica.tls", before.replica.tls == replica.tls);
  compare("replica.user", before.replica.users == replica.users);
  compare("filter", before.filter == after.filter);
  compare("requirements", before.requirements == after.requirements);
  compare("keepalive", before.keepalive == after.keepalive);
  return changed;
}

bool is_same_server(const MasterConfig& before, const MasterConfig& after) {
  return before.host == after.host && before.port == after.port;
}

bool is_same_stream(const RelayConfig& before, const RelayConfig& after) {
  return account(before.master) == account(after.master) && before.master.tls == after.master.tls &&
         before.filter.rules == after.filter.rules && before.requirements == after.requirements &&
         !is_stricter(before.replica.tls, after.replica.tls);
}

}  // namespace sluice::proxy

#include "proxy/master/master_target.hpp"

#include "proxy/base/list_text.hpp"

namespace sluice::proxy {

std::string MasterTarget::address() const {
  return host_and_port(config.host, config.port);
}

boost::system::result<MasterTarget, TlsProblem> make_master_target(const MasterConfig& config) {
  MasterTarget target{config, nullptr, {}, nullptr};
  if (config.tls.mode != MasterTlsMode::disabled) {
    auto context = make_tls_context(config.tls);
    if (!context) return std::move(context).error();
    target.tls = *std::move(context);
  }
  return target;
}

}  // namespace sluice::proxy

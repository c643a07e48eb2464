#include "proxy/master_target.hpp"

namespace sluice::proxy {

boost::system::result<MasterTarget, std::string> make_master_target(const MasterConfig& config) {
  MasterTarget target{config, nullptr, {}, nullptr};
  if (config.tls.mode != MasterTlsMode::disabled) {
    auto context = make_tls_context(config.tls);
    if (!context) return std::move(context).error();
    target.tls = *std::move(context);
  }
  return target;
}

}  // namespace sluice::proxy

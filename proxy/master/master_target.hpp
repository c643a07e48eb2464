// A master to connect to.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <string>

#include "proxy/config/config.hpp"
#include "proxy/metrics/metrics.hpp"
#include "proxy/tls/tls_context.hpp"

namespace sluice::proxy {

/// Who and where the master is, and how to get there. Shared by all sessions of a relay.
struct MasterTarget {
  MasterConfig config;
  TlsContext tls;  ///< null: without
  Keepalive keepalive;
  std::shared_ptr<RelayMetrics> metrics;  ///< where connections are counted; may be null

  [[nodiscard]] std::string address() const;  ///< host:port
};

/// With a TLS context of its own, unless TLS is disabled.
[[nodiscard]] boost::system::result<MasterTarget, TlsProblem> make_master_target(
    const MasterConfig& config);

}  // namespace sluice::proxy

// A master to connect to, from its configuration.
#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "proxy/master_connection.hpp"

namespace sluice::proxy {

/// With a TLS context of its own, unless TLS is disabled. The error is one of OpenSSL's about a
/// file.
[[nodiscard]] boost::system::result<MasterTarget, std::string> make_master_target(
    const MasterConfig& config);

}  // namespace sluice::proxy

// Why a replica was turned away before its first command.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::proxy {

enum class LoginRefusal : std::uint8_t {
  address,          ///< not in `allow`
  proxy_header,     ///< the load balancer has not said of whom it is
  too_many_logins,  ///< max_logins
  tls,              ///< the handshake failed, or a login came without TLS where that is required
  credentials,      ///< user or password
  too_many_sessions,
  version,             ///< [relay.requirements]
  master_unreachable,  ///< the master is not known yet, or could not be reached
  broken,              ///< the connection ended, timed out or made no sense before it had logged in
};
constexpr std::size_t login_refusals = static_cast<std::size_t>(LoginRefusal::broken) + 1;
[[nodiscard]] std::string_view to_string(LoginRefusal refusal);

}  // namespace sluice::proxy

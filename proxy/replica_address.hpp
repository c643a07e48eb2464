// Where a replica comes from.
#pragma once

#include <string>

#include "filters/networks.hpp"
#include "proxy/connection.hpp"

namespace sluice::proxy {

/// The peer's address as text; an IPv4 one that came to an IPv6 socket as IPv4. "?" when it is
/// gone.
[[nodiscard]] std::string peer_host(Connection& connection);
/// The same with its port.
[[nodiscard]] std::string peer_address(Connection& connection);
[[nodiscard]] bool is_allowed(Connection& connection, const filters::NetworkList& networks);

}  // namespace sluice::proxy

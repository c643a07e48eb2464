// Where a replica comes from.
#pragma once

#include <string>

#include "filters/networks.hpp"
#include "proxy/connection.hpp"

namespace sluice::proxy {

/// Both ends of the connection; an IPv4 address on an IPv6 socket as IPv4, none with port 0.
[[nodiscard]] boost::asio::ip::tcp::endpoint peer_endpoint(Connection& connection);
[[nodiscard]] boost::asio::ip::tcp::endpoint own_endpoint(Connection& connection);
/// The peer's address as text; "?" when it is gone.
[[nodiscard]] std::string peer_host(Connection& connection);
/// Of whom it is: the address, or the /64 of an IPv6 one, as who has one of those has them all.
[[nodiscard]] std::string peer_network(Connection& connection);
/// The peer's address with its port.
[[nodiscard]] std::string peer_address(Connection& connection);
[[nodiscard]] std::string peer_address(const Socket& socket);
[[nodiscard]] bool is_allowed(Connection& connection, const filters::NetworkList& networks);

}  // namespace sluice::proxy

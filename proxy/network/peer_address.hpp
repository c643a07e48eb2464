// Where a peer comes from.
#pragma once

#include <string>

#include "filters/rules/networks.hpp"
#include "protocol/wire/proxy_header.hpp"
#include "proxy/network/connection.hpp"

namespace sluice::proxy {

using Endpoint = boost::asio::ip::tcp::endpoint;

/// Of a connection, as the socket has them or as a load balancer says.
struct Endpoints {
  Endpoint peer, own;
};
/// An IPv4 address on an IPv6 socket as IPv4; with port 0 where the peer is gone.
[[nodiscard]] Endpoints endpoints_of(const Socket& socket);
[[nodiscard]] Endpoints endpoints_of(const wire::ProxyHeader::Ends& ends);

/// The address as text; "?" when the peer is gone.
[[nodiscard]] std::string host_of(const Endpoint& endpoint);
/// Of whom it is: the address, or the /64 of an IPv6 one, as who has one of those has them all.
[[nodiscard]] std::string network_of(const Endpoint& endpoint);
/// The address with its port.
[[nodiscard]] std::string address_of(const Endpoint& endpoint);
[[nodiscard]] bool is_in(const Endpoint& endpoint, const filters::NetworkList& networks);

/// What a load balancer puts before the connection. Reads nothing behind it. The error is a phrase,
/// and empty where the peer has closed the connection without a byte, as some health checks do.
[[nodiscard]] Task<boost::system::result<wire::ProxyHeader, std::string>> read_proxy_header(
    Connection& connection);

}  // namespace sluice::proxy

#include "proxy/replica_address.hpp"

#include <boost/asio/ip/network_v6.hpp>

namespace sluice::proxy {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::tcp;

tcp::endpoint plain(tcp::endpoint endpoint) {
  if (endpoint.address().is_v6() && endpoint.address().to_v6().is_v4_mapped()) {
    endpoint.address(make_address_v4(boost::asio::ip::v4_mapped, endpoint.address().to_v6()));
  }
  return endpoint;
}

tcp::endpoint peer_of(const Socket& socket) {
  boost::system::error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  return gone ? tcp::endpoint() : plain(endpoint);
}

}  // namespace

tcp::endpoint peer_endpoint(Connection& connection) {
  return peer_of(connection.socket());
}

tcp::endpoint own_endpoint(Connection& connection) {
  boost::system::error_code gone;
  const auto endpoint = connection.socket().local_endpoint(gone);
  return gone ? tcp::endpoint() : plain(endpoint);
}

std::string peer_host(Connection& connection) {
  const auto endpoint = peer_endpoint(connection);
  return endpoint.port() == 0 ? "?" : endpoint.address().to_string();
}

std::string peer_network(Connection& connection) {
  const auto peer = peer_endpoint(connection).address();
  if (!peer.is_v6()) return peer.to_string();
  return make_network_v6(peer.to_v6(), 64).canonical().to_string();
}

std::string peer_address(Connection& connection) {
  return peer_address(connection.socket());
}

std::string peer_address(const Socket& socket) {
  const auto endpoint = peer_of(socket);
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

bool is_allowed(Connection& connection, const filters::NetworkList& networks) {
  const address from = peer_endpoint(connection).address();
  if (from.is_v4()) {
    const auto bytes = from.to_v4().to_bytes();
    return networks.contains(Bytes(bytes));
  }
  const auto bytes = from.to_v6().to_bytes();
  return networks.contains(Bytes(bytes));
}

}  // namespace sluice::proxy

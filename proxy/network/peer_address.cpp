#include "proxy/network/peer_address.hpp"

#include <boost/asio/ip/network_v6.hpp>

#include "proxy/base/list_text.hpp"

namespace sluice::proxy {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using boost::system::error_code;

Endpoint plain(Endpoint endpoint) {
  if (endpoint.address().is_v6() && endpoint.address().to_v6().is_v4_mapped()) {
    endpoint.address(make_address_v4(boost::asio::ip::v4_mapped, endpoint.address().to_v6()));
  }
  return endpoint;
}

Endpoint endpoint_of(const wire::ProxyHeader::Address& address) {
  if (address.size == 16) return plain({address_v6(address.bytes), address.port});
  address_v4::bytes_type bytes{};
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return {address_v4(bytes), address.port};
}

}  // namespace

Endpoints endpoints_of(const Socket& socket) {
  error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  if (gone) return {};
  const auto own = socket.local_endpoint(gone);
  return gone ? Endpoints() : Endpoints{plain(peer), plain(own)};
}

Endpoints endpoints_of(const wire::ProxyHeader::Ends& ends) {
  return {endpoint_of(ends.source), endpoint_of(ends.destination)};
}

std::string host_of(const Endpoint& endpoint) {
  return endpoint.port() == 0 ? "?" : endpoint.address().to_string();
}

std::string network_of(const Endpoint& endpoint) {
  const auto& address = endpoint.address();
  if (!address.is_v6()) return address.to_string();
  return make_network_v6(address.to_v6(), 64).canonical().to_string();
}

std::string address_of(const Endpoint& endpoint) {
  return host_and_port(endpoint.address().to_string(), endpoint.port());
}

bool is_in(const Endpoint& endpoint, const filters::NetworkList& networks) {
  const auto& address = endpoint.address();
  if (address.is_v4()) return networks.contains(Bytes(address.to_v4().to_bytes()));
  return networks.contains(Bytes(address.to_v6().to_bytes()));
}

Task<boost::system::result<wire::ProxyHeader, std::string>> read_proxy_header(
    Connection& connection) {
  Buffer header;
  while (const std::size_t missing = wire::missing_of_proxy_header(header)) {
    const std::size_t before = header.size();
    header.resize(before + missing);
    const std::size_t size = co_await connection.read_some(MutableBytes(header).subspan(before));
    header.resize(before + size);
    if (size > 0) continue;
    const bool not_a_word = header.empty() && !connection.has_timed_out();
    co_return not_a_word ? std::string() : connection.error();
  }
  co_return wire::parse_proxy_header(header);
}

}  // namespace sluice::proxy

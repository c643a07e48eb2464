#include "proxy/acceptor.hpp"

#include <boost/asio/ip/v6_only.hpp>

namespace sluice::proxy {

namespace asio = boost::asio;
using asio::ip::tcp;

boost::system::error_code bind_acceptor(tcp::acceptor& acceptor, const ListenAddress& address) {
  boost::system::error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(address.address, error), address.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(asio::ip::v6_only(true), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  return error;
}

}  // namespace sluice::proxy

#include "proxy/network/acceptor.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "proxy/config/config_values.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using asio::ip::tcp;

bool needs_privilege(const boost::system::error_code& error, const ListenAddress& address) {
  return error == asio::error::access_denied && address.port < 1024;
}

std::string_view advice_for(const boost::system::error_code& error, const ListenAddress& address) {
  if (error == asio::error::address_in_use) return " (ss -ltnp tells by whom)";
  if (needs_privilege(error, address)) return " (ports below 1024 need CAP_NET_BIND_SERVICE)";
  if (error == boost::system::errc::address_not_available) return " (no address of this machine)";
  return {};
}

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

std::string listen_on(tcp::acceptor& acceptor, const ListenAddress& address) {
  boost::system::error_code error = bind_acceptor(acceptor, address);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return {};
  return "cannot listen on " + to_text(address) + ": " + error.message() +
         std::string(advice_for(error, address));
}

}  // namespace sluice::proxy

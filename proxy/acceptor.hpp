// Taking a listening address.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

/// Opens and binds; an address of IPv6 takes IPv6 only, so that both kinds can be listed side by
/// side. The error is the system's.
[[nodiscard]] boost::system::error_code bind_acceptor(boost::asio::ip::tcp::acceptor& acceptor,
                                                      const ListenAddress& address);

/// Listens, too. Returns why that is not possible, and what helps, or an empty text.
[[nodiscard]] std::string listen_on(boost::asio::ip::tcp::acceptor& acceptor,
                                    const ListenAddress& address);

}  // namespace sluice::proxy

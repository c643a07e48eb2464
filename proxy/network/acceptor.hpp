// Taking a listening address.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

/// Opens and binds; an address of IPv6 takes IPv6 only, so that both kinds can be listed side by
/// side. The error is the system's.
[[nodiscard]] boost::system::error_code bind_acceptor(boost::asio::ip::tcp::acceptor& acceptor,
                                                      const ListenAddress& address);

/// Whether a port below 1024 is what bind_acceptor() failed at.
[[nodiscard]] bool needs_privilege(const boost::system::error_code& error,
                                   const ListenAddress& address);

/// What helps against an error of bind_acceptor(): " (...)", or an empty text.
[[nodiscard]] std::string_view advice_for(const boost::system::error_code& error,
                                          const ListenAddress& address);

/// Listens, too. Returns why that is not possible, and what helps, or an empty text.
[[nodiscard]] std::string listen_on(boost::asio::ip::tcp::acceptor& acceptor,
                                    const ListenAddress& address);

}  // namespace sluice::proxy

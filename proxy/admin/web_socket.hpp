// A connection that becomes a WebSocket (RFC 6455), to tell its peer what a feed has.
#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>

#include "proxy/admin/feed.hpp"
#include "proxy/admin/open_sockets.hpp"
#include "proxy/network/connection.hpp"

namespace sluice::proxy::admin {

using PlainStream = boost::beast::basic_stream<boost::asio::ip::tcp, Executor>;
using TlsStream = boost::asio::ssl::stream<PlainStream>;

/// A request to upgrade that was granted.
struct Upgrade {
  boost::beast::http::request<boost::beast::http::string_body> request;
  std::unique_ptr<Feed> feed;
};

/// Tells what the feed has until the peer goes, the feed is at its end, or `sockets` end. The
/// stream and the upgrade are moved from.
[[nodiscard]] Task<void> serve_feed(PlainStream& stream, Upgrade& upgrade, OpenSockets& sockets);
[[nodiscard]] Task<void> serve_feed(TlsStream& stream, Upgrade& upgrade, OpenSockets& sockets);

/// What a page says in the place of an Authorization header, which browsers do not let it set: the
/// subprotocol "token.HEX" beside "sluice", with the token in hexadecimal digits. Empty: it says
/// nothing of the kind.
[[nodiscard]] std::string authorization_of(std::string_view subprotocols);

}  // namespace sluice::proxy::admin

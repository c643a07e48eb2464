#include "proxy/admin/http_connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "proxy/admin/access.hpp"
#include "proxy/admin/web_socket.hpp"
#include "proxy/network/peer_address.hpp"

namespace sluice::proxy::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

namespace {

// No question needs more.
constexpr std::size_t max_header = std::size_t{8} << 10;
constexpr std::size_t max_body = std::size_t{4} << 10;
constexpr auto request_time = std::chrono::seconds(10);
/// Between requests: Prometheus asks again after 15 s or so.
constexpr auto idle_time = std::chrono::seconds(75);

using Incoming = http::request<http::string_body>;
using Outgoing = http::response<http::string_body>;

std::optional<std::string> header(const Incoming& incoming, http::field name) {
  const auto found = incoming.find(name);
  if (found == incoming.end()) return std::nullopt;
  return std::string(found->value());
}

Request to_request(const Incoming& incoming, const std::string& peer) {
  Request request;
  request.peer = peer;
  const std::string target(incoming.target());
  const std::size_t question = target.find('?');
  request.method = std::string(incoming.method_string());
  request.path = target.substr(0, question);
  request.host = header(incoming, http::field::host).value_or("");
  request.origin = header(incoming, http::field::origin);
  request.authorization = header(incoming, http::field::authorization).value_or("");
  if (question != std::string::npos) request.query = target.substr(question + 1);
  if (request.authorization.empty() && beast::websocket::is_upgrade(incoming)) {
    request.authorization = authorization_of(incoming[http::field::sec_websocket_protocol]);
  }
  return request;
}

Outgoing to_outgoing(const Incoming& incoming, Response response) {
  Outgoing outgoing(static_cast<http::status>(response.status), incoming.version());
  outgoing.set(http::field::server, "sluice");
  outgoing.set(http::field::cache_control, "no-store");
  outgoing.set("X-Content-Type-Options", "nosniff");
  outgoing.set(http::field::x_frame_options, "DENY");
  outgoing.set("Referrer-Policy", "no-referrer");
  outgoing.set("Cross-Origin-Resource-Policy", "same-origin");
  outgoing.set("Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  if (!response.type.empty()) outgoing.set(http::field::content_type, response.type);
  if (!response.allow.empty()) outgoing.set(http::field::allow, response.allow);
  if (response.status == 401) outgoing.set(http::field::www_authenticate, "Bearer");
  outgoing.keep_alive(incoming.keep_alive());
  outgoing.body() = std::move(response.body);
  outgoing.prepare_payload();
  // The length stays that of the answer to a GET.
  if (incoming.method() == http::verb::head) outgoing.body().clear();
  return outgoing;
}

/// What the peer sent is no request, or too large a one.
Outgoing complaint(const error_code& error) {
  const bool too_large = error == http::error::header_limit || error == http::error::body_limit;
  Incoming nothing;
  nothing.version(11);
  nothing.keep_alive(false);
  return to_outgoing(nothing, too_large ? Response::error(413, "the request is too large")
                                        : Response::error(400, "this is no HTTP request"));
}

bool is_end(const error_code& error) {
  return error == http::error::end_of_stream || error == http::error::partial_message ||
         error.category() != http::make_error_code(http::error::end_of_stream).category();
}

/// What an upgrade to WebSocket is answered, or the feed in its place.
std::optional<Response> refuse_upgrade(Upgrade& upgrade, const std::string& peer,
                                       const Knowledge& knowledge) {
  auto opened = open_feed(to_request(upgrade.request, peer), knowledge);
  if (auto* refusal = std::get_if<Response>(&opened)) return std::move(*refusal);
  upgrade.feed = std::get<std::unique_ptr<Feed>>(std::move(opened));
  return std::nullopt;
}

/// true: the last request is an upgrade that was granted.
template <typename Stream>
Task<bool> answer_requests(Stream& stream, const Knowledge& knowledge,
                           Strangers::Stranger& stranger, Upgrade& upgrade) {
  beast::flat_buffer buffer(max_header + max_body);
  const std::string peer = address_of(endpoints_of(beast::get_lowest_layer(stream).socket()).peer);
  auto patience = request_time;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_header);
    parser.body_limit(max_body);
    error_code error;
    beast::get_lowest_layer(stream).expires_after(patience);
    co_await http::async_read(stream, buffer, parser, asio::redirect_error(use_task, error));
    if (error && is_end(error)) co_return false;
    Outgoing outgoing;
    if (error) {
      outgoing = complaint(error);
    } else if (beast::websocket::is_upgrade(parser.get())) {
      upgrade.request = parser.get();
      auto refusal = refuse_upgrade(upgrade, peer, knowledge);
      if (!refusal) {
        stranger.reset();  // there are fewer feeds than connections
        co_return true;
      }
      outgoing = to_outgoing(upgrade.request, *std::move(refusal));
    } else {
      const Request request = to_request(parser.get(), peer);
      if (is_known(request, knowledge.config)) stranger.reset();
      outgoing = to_outgoing(parser.get(), answer(request, knowledge));
    }
    beast::get_lowest_layer(stream).expires_after(request_time);
    const bool keep_alive = !error && outgoing.keep_alive();
    http::serializer<false, http::string_body> serializer(outgoing);
    co_await http::async_write(stream, serializer, asio::redirect_error(use_task, error));
    if (error || !keep_alive) co_return false;
    patience = idle_time;
  }
}

}  // namespace

Task<void> serve_http(Socket socket, SSL_CTX* tls, const Knowledge& knowledge) {
  error_code ignored;
  Upgrade upgrade;
  const std::string network = network_of(endpoints_of(socket).peer);
  if (tls == nullptr) {
    PlainStream stream(std::move(socket));
    auto stranger = knowledge.strangers->add(network, [&] { stream.close(); });
    const bool upgraded = co_await answer_requests(stream, knowledge, stranger, upgrade);
    if (upgraded) {
      co_await serve_feed(stream, upgrade, *knowledge.sockets);
      co_return;
    }
    stream.socket().shutdown(Socket::shutdown_both, ignored);
    co_return;
  }
  SSL_CTX_up_ref(tls);
  asio::ssl::context context(tls);
  TlsStream stream(std::move(socket), context);
  auto stranger =
      knowledge.strangers->add(network, [&] { beast::get_lowest_layer(stream).close(); });
  error_code error;
  beast::get_lowest_layer(stream).expires_after(request_time);
  co_await stream.async_handshake(asio::ssl::stream_base::server,
                                  asio::redirect_error(use_task, error));
  if (error) co_return;
  const bool upgraded = co_await answer_requests(stream, knowledge, stranger, upgrade);
  if (upgraded) {
    co_await serve_feed(stream, upgrade, *knowledge.sockets);
    co_return;
  }
  beast::get_lowest_layer(stream).expires_after(request_time);
  co_await stream.async_shutdown(asio::redirect_error(use_task, ignored));
}

}  // namespace sluice::proxy::admin

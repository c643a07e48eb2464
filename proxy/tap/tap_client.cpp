#include "proxy/tap/tap_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "proxy/network/keepalive.hpp"

namespace sluice::proxy::tap {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// What is told together may be large when rows are shown.
constexpr std::size_t max_message = std::size_t{256} << 20;

/// Until it is connected, with TLS and the WebSocket's handshake.
constexpr std::chrono::seconds longest_opening{10};

/// The steps of opening a connection, which have one time limit together.
class Opening {
 public:
  Opening(asio::io_context& context, tcp::socket& socket) : context_(context), socket_(&socket) {}

  /// The socket is another object by now.
  void moved_to(tcp::socket& socket) { socket_ = &socket; }

  /// `start` is given the handler of an asynchronous step, whose end or the limit's is waited for.
  template <typename Start>
  error_code step(Start start) {
    std::optional<error_code> result;
    start([&result](const error_code& error, auto&&...) { result = error; });
    context_.restart();
    context_.run_until(deadline_);
    if (result) return *result;
    // The step has to end before what it works on does.
    error_code ignored;
    socket_->close(ignored);
    context_.restart();
    context_.run();
    return asio::error::timed_out;
  }

 private:
  asio::io_context& context_;
  tcp::socket* socket_;
  std::chrono::steady_clock::time_point deadline_ =
      std::chrono::steady_clock::now() + longest_opening;
};

TapEnd silent(const TapConnection& connection) {
  return {false, connection.url.authority() + " did not answer within " +
                     std::to_string(longest_opening.count()) +
                     " s: is that the address of [admin] listen?"};
}

/// `advice`: what to do about it, as far as one can tell from here.
TapEnd failed_at(const std::string& what, const error_code& error, std::string_view advice = {}) {
  return {false,
          what + ": " + error.message() + (advice.empty() ? "" : "; ") + std::string(advice)};
}

/// `{"error": TEXT}`, or the status alone.
std::string refusal_text(const websocket::response_type& response, bool has_token) {
  if (response.result() == http::status::unauthorized && !has_token) {
    return "the admin interface wants its token: --token-file FILE, as [admin] token_file has it";
  }
  error_code no_json;
  const auto body = boost::json::parse(response.body(), no_json);
  if (!no_json && body.is_object()) {
    const auto* const text = body.as_object().if_contains("error");
    if (text != nullptr && text->is_string()) return std::string(text->as_string());
  }
  return "it answers with HTTP status " + std::to_string(response.result_int());
}

template <typename Stream>
TapEnd read_messages(websocket::stream<Stream>& stream, Opening& opening,
                     const TapConnection& connection, const std::function<bool()>& connected,
                     const std::function<bool(std::string_view, bool)>& receive) {
  stream.read_message_max(max_message);
  stream.set_option(websocket::stream_base::decorator([&](websocket::request_type& request) {
    request.set(http::field::user_agent, "sluice " SLUICE_VERSION);
    if (connection.token.empty()) return;
    request.set(http::field::authorization, "Bearer " + std::string(connection.token.reveal()));
  }));
  websocket::response_type response;
  error_code error = opening.step([&](auto handler) {
    stream.async_handshake(response, connection.url.authority(), connection.target, handler);
  });
  if (error == asio::error::timed_out) return silent(connection);
  if (error == websocket::error::upgrade_declined) {
    return {false, refusal_text(response, !connection.token.empty())};
  }
  if (error) {
    return failed_at("the admin interface", error,
                     connection.url.tls ? "is it that of [admin] listen?"
                                        : "is it that of [admin] listen, and without https://?");
  }
  if (!connected()) return {true, {}};
  beast::flat_buffer buffer;
  for (;;) {
    stream.read(buffer, error);
    if (error) break;
    const auto data = buffer.cdata();
    const std::string_view message(static_cast<const char*>(data.data()), data.size());
    if (!receive(message, stream.got_text())) return {true, {}};
    buffer.clear();
  }
  if (error != websocket::error::closed) return failed_at("the admin interface", error);
  const auto& reason = stream.reason();
  return {reason.code == websocket::close_code::normal,
          {reason.reason.data(), reason.reason.size()}};
}

TapEnd read_over_tls(tcp::socket socket, Opening& opening, const TapConnection& connection,
                     const std::function<bool()>& connected,
                     const std::function<bool(std::string_view, bool)>& receive) {
  websocket::stream<asio::ssl::stream<tcp::socket>> stream(std::move(socket), *connection.tls);
  stream.next_layer().set_verify_callback(asio::ssl::host_name_verification(connection.url.host));
  opening.moved_to(stream.next_layer().next_layer());
  const error_code error = opening.step([&](auto handler) {
    stream.next_layer().async_handshake(asio::ssl::stream_base::client, handler);
  });
  if (error == asio::error::timed_out) return silent(connection);
  if (error) {
    return failed_at("TLS with the admin interface", error,
                     SSL_get_verify_result(stream.next_layer().native_handle()) == X509_V_OK
                         ? "is it one without, http://?"
                         : "--ca FILE names its authority, and the certificate must name the host");
  }
  return read_messages(stream, opening, connection, connected, receive);
}

}  // namespace

boost::system::result<TlsOfTap, std::string> trust(const std::string& ca) {
  error_code error;
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  if (ca.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(ca, error);
  }
  if (error) return error.message();
  context->set_verify_mode(asio::ssl::verify_peer);
  return context;
}

TapEnd read_tap(const TapConnection& connection, const std::function<bool()>& connected,
                const std::function<bool(std::string_view, bool)>& receive) {
  asio::io_context context;
  error_code error;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(connection.url.host, std::to_string(connection.url.port),
                                      tcp::resolver::numeric_service, error);
  if (error) return failed_at("looking up " + connection.url.host, error);
  tcp::socket socket(context);
  Opening opening(context, socket);
  error = opening.step([&](auto handler) { asio::async_connect(socket, found, handler); });
  if (error == asio::error::timed_out) return silent(connection);
  if (error) {
    return failed_at("connecting to " + connection.url.authority(), error,
                     "does Sluice run, with an [admin] section? --admin URL names its address");
  }
  set_keepalive(socket.native_handle(), {});  // a reader that hears nothing any more ends
  if (connection.url.tls) {
    return read_over_tls(std::move(socket), opening, connection, connected, receive);
  }
  websocket::stream<tcp::socket> stream(std::move(socket));
  opening.moved_to(stream.next_layer());
  return read_messages(stream, opening, connection, connected, receive);
}

}  // namespace sluice::proxy::tap

#include "proxy/admin/web_socket.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "protocol/hex.hpp"
#include "proxy/event_loop/spawn.hpp"
#include "proxy/network/keepalive.hpp"

namespace sluice::proxy::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::string_view subprotocol = "sluice";
constexpr std::string_view token_prefix = "token.";
constexpr auto handshake_time = std::chrono::seconds(10);
/// A peer that takes nothing of a piece for so long does not keep its place.
constexpr auto stall_time = std::chrono::seconds(60);
constexpr std::size_t max_piece = std::size_t{64} << 10;
/// For the rest of a message and the goodbye.
constexpr auto leaving_time = std::chrono::seconds(5);
/// Nor does one that has gone without a word keep it for longer than these come to.
constexpr Keepalive keepalive{std::chrono::seconds(60), std::chrono::seconds(10), 6};
/// A peer has nothing to say.
constexpr std::size_t max_message = std::size_t{4} << 10;
/// What fits into a control frame, behind the code.
constexpr std::size_t max_reason = 123;

/// The names in a list that is separated by commas.
template <typename Function>
void for_each_name(std::string_view list, Function function) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    function(name);
  }
}

bool offers_subprotocol(std::string_view list) {
  bool found = false;
  for_each_name(list, [&](std::string_view name) { found = found || name == subprotocol; });
  return found;
}

template <typename Stream>
class Socket : public std::enable_shared_from_this<Socket<Stream>> {
 public:
  Socket(Stream&& stream, std::unique_ptr<Feed> feed)
      : stream_(std::move(stream)),
        pause_(stream_.get_executor()),
        deadline_(stream_.get_executor()),
        feed_(std::move(feed)) {}

  Task<void> run(const Upgrade& upgrade) {
    error_code error;
    set_keepalive(beast::get_lowest_layer(stream_).socket().native_handle(), keepalive);
    beast::get_lowest_layer(stream_).expires_never();  // WebSocket streams have times of their own
    // One that is told little may read as little; write() has an eye on what it does not take.
    stream_.set_option(
        websocket::stream_base::timeout{handshake_time, websocket::stream_base::none(), false});
    stream_.read_message_max(max_message);
    const bool named = offers_subprotocol(upgrade.request[http::field::sec_websocket_protocol]);
    stream_.set_option(websocket::stream_base::decorator([named](http::fields& fields) {
      fields.set(http::field::server, "sluice");
      if (named) fields.set(http::field::sec_websocket_protocol, subprotocol);
    }));
    co_await stream_.async_accept(upgrade.request, asio::redirect_error(use_task, error));
    if (error) co_return;
    const auto executor = co_await asio::this_coro::executor;
    spawn(executor, "WebSocket", [self = this->shared_from_this()] { return self->listen(); });
    co_await tell();
    if (!stream_.is_open()) co_return;
    co_await stream_.async_close(goodbye_, asio::redirect_error(use_task, error));
  }

  void end(const char* reason) { leave({websocket::close_code::going_away, reason}); }

 private:
  /// Pings are answered, and the end is noticed, while somebody reads.
  Task<void> listen() {
    // Also by an exception, such as for memory.
    const std::shared_ptr<void> at_the_end(nullptr, [this](void*) { leave({}); });
    beast::flat_buffer unheard;
    error_code error;
    while (!error) {
      co_await stream_.async_read(unheard, asio::redirect_error(use_task, error));
      unheard.clear();
    }
  }

  Task<void> tell() {
    while (!left_) {
      const Feed::Message message = feed_->next();
      const bool written = co_await write(message);
      if (!written) co_return;
      if (message.last) {
        leave({websocket::close_code::normal, message.reason.substr(0, max_reason)});
      }
      if (left_) co_return;
      pause_.expires_after(feed_->pause());
      error_code cancelled;
      co_await pause_.async_wait(asio::redirect_error(use_task, cancelled));
    }
  }

  /// In pieces: a peer that reads slowly is seen to take them. false: it is gone.
  Task<bool> write(const Feed::Message& message) {
    stream_.binary(message.binary);
    std::string_view rest = message.content;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, max_piece);
      rest.remove_prefix(piece.size());
      if (!left_) close_after(stall_time);
      error_code error;
      co_await stream_.async_write_some(rest.empty(), asio::buffer(piece),
                                        asio::redirect_error(use_task, error));
      if (error) co_return false;
    }
    if (!left_) deadline_.cancel();
    co_return true;
  }

  void leave(websocket::close_reason goodbye) {
    if (std::exchange(left_, true)) return;
    goodbye_ = std::move(goodbye);
    pause_.cancel();
    close_after(leaving_time);
  }

  /// The connection, whatever waits for it, unless there is another time for it by then.
  void close_after(Duration time) {
    deadline_.expires_after(time);
    deadline_.async_wait([weak = this->weak_from_this()](error_code cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self || self->deadline_.expiry() > Timer::clock_type::now()) return;
      beast::get_lowest_layer(self->stream_).close();
    });
  }

  websocket::stream<Stream> stream_;
  Timer pause_;
  Timer deadline_;
  std::unique_ptr<Feed> feed_;
  websocket::close_reason goodbye_;
  bool left_ = false;
};

template <typename Stream>
Task<void> serve(Stream& stream, Upgrade& upgrade, OpenSockets& sockets) {
  const auto socket = std::make_shared<Socket<Stream>>(std::move(stream), std::move(upgrade.feed));
  const auto place = sockets.take([weak = std::weak_ptr(socket)](const char* reason) {
    if (const auto living = weak.lock()) living->end(reason);
  });
  if (!place) co_return;
  co_await socket->run(upgrade);
}

}  // namespace

Task<void> serve_feed(PlainStream& stream, Upgrade& upgrade, OpenSockets& sockets) {
  return serve(stream, upgrade, sockets);
}

Task<void> serve_feed(TlsStream& stream, Upgrade& upgrade, OpenSockets& sockets) {
  return serve(stream, upgrade, sockets);
}

std::string authorization_of(std::string_view subprotocols) {
  std::string found;
  for_each_name(subprotocols, [&](std::string_view name) {
    if (!name.starts_with(token_prefix)) return;
    if (const auto token = from_hex(name.substr(token_prefix.size()))) {
      found = "Bearer " + *token;
    }
  });
  return found;
}

}  // namespace sluice::proxy::admin

#include "proxy/network/connection.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <cstdio>
#include <utility>

#include "filters/stream/stream_buffer.hpp"
#include "proxy/network/keepalive.hpp"
#include "proxy/tls/tls_error.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// So many reads from the socket may bring nothing to deliver before others go first.
constexpr unsigned most_in_vain = 2;

std::string seconds_text(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", std::chrono::duration<double>(duration).count());
  return text;
}

}  // namespace

Connection::Connection(Socket socket)
    : socket_(std::move(socket)), deadline_(socket_.get_executor()) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

Connection::~Connection() {
  close("dropped");
}

void Connection::tune(const Keepalive& keepalive) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  set_keepalive(socket_.native_handle(), keepalive);
}

Task<std::size_t> Connection::read_some(MutableBytes into) {
  return read(into, nullptr);
}

Task<std::size_t> Connection::read_some(filters::StreamBuffer& buffer) {
  return read({}, &buffer);
}

/// Reads what is there, or waits. What comes meanwhile is read by the wait itself, to where it is
/// wanted, or where OpenSSL or what streams instead of it will ask for it: async_wait() has the
/// kernel watch the socket each time, and is woken once for nothing. All in one coroutine, as a
/// commit that has been waited for finds the code of none in the cache. `buffer`, if any, gives the
/// room.
Task<std::size_t> Connection::read(MutableBytes into, filters::StreamBuffer* buffer) {
  const auto self = shared_from_this();
  const bool bare = !has_tls() && !compressed_;
  while (error_.empty()) {
    if (buffer != nullptr) into = buffer->take();
    MutableBytes room = into;
    if (!bare) {
      std::size_t size = 0;
      const Progress progress = try_read(into, size);
      if (progress == Progress::done) co_return size;
      if (progress == Progress::failed) break;
      if (buffer != nullptr) buffer->give_back();
      if (progress == Progress::busy) {
        co_await asio::post(use_task);
        continue;
      }
      room = progress == Progress::wait_readable ? waiting_room() : MutableBytes();
      if (room.empty()) {
        co_await wait(progress);
        continue;
      }
    }
    error_code error;
    const auto place = asio::buffer(room.data(), room.size());
    const std::size_t size =
        co_await socket_.async_read_some(place, asio::redirect_error(use_task, error));
    came(size, error);
    if (bare && error_.empty()) co_return size;
  }
  co_return 0;
}

/// Where that is to be read which comes while it waits; empty: nobody would ask for it there.
MutableBytes Connection::waiting_room() {
  if (records_) return records_->waiting_room();
  return openssl_ ? openssl_->socket.room() : MutableBytes();
}

/// So many bytes have come there, or none for this reason, which OpenSSL must see for itself.
void Connection::came(std::size_t size, const error_code& error) {
  waited_ = true;
  if (records_) records_->received(size);
  if (openssl_) {
    openssl_->socket.received(size, error);
  } else if (error) {
    judge_socket(error);
  }
}

Task<bool> Connection::write(Bytes bytes) {
  for (;;) {
    const Progress progress = push(bytes);
    if (progress == Progress::done) co_return true;
    if (progress == Progress::failed) co_return false;
    if (records_) records_->park_outgoing();
    const bool waited = co_await wait(progress);
    if (!waited) co_return false;
  }
}

/// Writes what goes, and removes from `bytes` what has gone or is packed.
Connection::Progress Connection::push(Bytes& bytes) {
  while (!bytes.empty() || has_unsent()) {
    std::size_t size = 0;
    const Progress progress = try_write(bytes, size);
    if (progress != Progress::done) size = take_packed();
    bytes = bytes.subspan(size);
    if (progress != Progress::done) return progress;
  }
  return Progress::done;
}

bool Connection::has_unsent() const {
  if (compressed_) return !compressed_->outgoing().empty();
  return records_ && !records_->outgoing().empty();
}

/// How many bytes were packed and not counted yet, whether they have been sent or not.
std::size_t Connection::take_packed() {
  if (compressed_) return compressed_->take_packed();
  return records_ ? records_->take_packed() : 0;
}

Connection::Progress Connection::try_read(MutableBytes into, std::size_t& size) {
  if (!error_.empty()) return Progress::failed;
  return compressed_ ? try_read_compressed(into, size) : try_read_wire(into, size);
}

Connection::Progress Connection::try_write(Bytes bytes, std::size_t& size) {
  if (!error().empty()) return Progress::failed;
  return compressed_ ? try_write_compressed(bytes, size) : try_write_wire(bytes, size);
}

/// A peer whose compressed bytes hold next to nothing must not keep the thread: then others go
/// first, as with records without data.
Connection::Progress Connection::try_read_compressed(MutableBytes into, std::size_t& size) {
  for (unsigned in_vain = 0; in_vain < most_in_vain; ++in_vain) {
    size = compressed_->read(into);
    if (size > 0) return Progress::done;
    if (!compressed_->error().empty()) return fail(std::string(compressed_->error()));
    std::size_t received = 0;
    const Progress progress = try_read_wire(compressed_->room(), received);
    if (progress != Progress::done) return progress;
    compressed_->received(received);
  }
  return Progress::busy;
}

/// Packs a piece, or goes on with the one before; done when all it became has been sent.
Connection::Progress Connection::try_write_compressed(Bytes bytes, std::size_t& size) {
  if (compressed_->outgoing().empty()) compressed_->pack(bytes);
  while (!compressed_->outgoing().empty()) {
    std::size_t sent = 0;
    const Progress progress = try_write_wire(compressed_->outgoing(), sent);
    if (progress != Progress::done) return progress;
    compressed_->sent(sent);
  }
  size = compressed_->take_packed();
  return Progress::done;
}

Connection::Progress Connection::try_read_wire(MutableBytes into, std::size_t& size) {
  if (records_) return try_read_records(into, size);
  if (openssl_) return try_read_tls(into, size);
  error_code error;
  size = socket_.read_some(asio::buffer(into.data(), into.size()), error);
  if (error == asio::error::would_block) return Progress::wait_readable;
  return error ? judge_socket(error) : Progress::done;
}

Connection::Progress Connection::try_read_tls(MutableBytes into, std::size_t& size) {
  if (!error_behind_.empty()) return fail(std::move(error_behind_));
  while (size < into.size()) {
    std::size_t read = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(tls(), into.data() + size, into.size() - size, &read);
    if (result == 1) {
      size += read;
      continue;
    }
    const Progress progress = judge_tls(result, Way::read);
    if (size == 0) return progress;
    // What has been read is delivered first. OpenSSL says once only what was wrong.
    error_behind_ = std::exchange(error_, {});
    break;
  }
  return Progress::done;
}

/// Until there is no room, or what came was less than was asked for. A peer that sends records
/// without data, such as KeyUpdates, as fast as they are read must not keep the thread: then it
/// waits, though there is more, or lets others go first.
Connection::Progress Connection::try_read_records(MutableBytes into, std::size_t& size) {
  unsigned in_vain = 0;
  while (size < into.size()) {
    const std::size_t read = records_->read(into.subspan(size));
    size += read;
    if (read > 0) continue;
    if (records_->busy()) return size > 0 ? Progress::done : Progress::busy;
    const bool should_wait = records_->quiet() || ++in_vain > most_in_vain;
    if (size == 0 && should_wait && !records_->ended()) return Progress::wait_readable;
    if (size > 0 && (records_->drained() || records_->ended())) break;
    if (records_->ended()) return judge_records();
    const MutableBytes room = records_->room();
    error_code error;
    const std::size_t received = socket_.read_some(asio::buffer(room.data(), room.size()), error);
    records_->received(received);
    if (error && size > 0) break;  // an error comes again with the next call
    if (error == asio::error::would_block) return Progress::wait_readable;
    if (error) return judge_socket(error);
  }
  return Progress::done;
}

/// Seals a piece, or goes on with the one before; done when all it became has been sent.
Connection::Progress Connection::try_write_records(Bytes bytes, std::size_t& size) {
  if (records_->outgoing().empty() && !records_->pack(bytes)) {
    return fail("TLS write failed: " + take_tls_error());
  }
  while (!records_->outgoing().empty()) {
    const Bytes rest = records_->outgoing();
    error_code error;
    const std::size_t sent = socket_.write_some(asio::buffer(rest.data(), rest.size()), error);
    if (error == asio::error::would_block) return Progress::wait_writable;
    if (error) return fail_writing(error);
    records_->sent(sent);
  }
  size = records_->take_packed();
  return Progress::done;
}

Connection::Progress Connection::judge_records() {
  if (!records_->error().empty()) return fail("TLS read failed: " + records_->error());
  return judge_socket(asio::error::eof);
}

Connection::Progress Connection::try_write_wire(Bytes bytes, std::size_t& size) {
  if (records_) return try_write_records(bytes, size);
  if (openssl_) {
    ERR_clear_error();
    const int result = SSL_write_ex(tls(), bytes.data(), bytes.size(), &size);
    return result == 1 ? Progress::done : judge_tls(result, Way::write);
  }
  error_code error;
  size = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  if (error == asio::error::would_block) return Progress::wait_writable;
  return error ? fail_writing(error) : Progress::done;
}

Connection::Progress Connection::judge_tls(int result, Way way) {
  const int saved_errno = errno;
  if (!openssl_->socket.refusal().empty()) {
    return fail("TLS read failed: " + std::string(openssl_->socket.refusal()));
  }
  switch (SSL_get_error(tls(), result)) {
    case SSL_ERROR_WANT_READ:
      return openssl_->socket.take_pause() ? Progress::busy : Progress::wait_readable;
    case SSL_ERROR_WANT_WRITE:
      return Progress::wait_writable;
    case SSL_ERROR_ZERO_RETURN:
      return fail(std::string(closed_by_peer_text));
    case SSL_ERROR_SYSCALL: {
      const error_code error = saved_errno == 0
                                   ? error_code(asio::error::eof)
                                   : error_code(saved_errno, boost::system::system_category());
      return way == Way::write ? fail_writing(error) : judge_socket(error);
    }
    default:
      break;
  }
  // A peer that closes the socket without a close_notify: replicas do so when they stop.
  const auto reason = ERR_GET_REASON(ERR_peek_last_error());
  if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return judge_socket(asio::error::eof);
  }
  return fail((way == Way::write ? "TLS write failed: " : "TLS read failed: ") + take_tls_error());
}

Connection::Progress Connection::judge_socket(const error_code& error) {
  if (error == asio::error::eof) {
    return fail(std::string(closed_by_peer_text));
  }
  return fail(error.message());
}

/// A peer that has gone may have sent something before, which can still be read.
Connection::Progress Connection::fail_writing(const error_code& error) {
  if (write_error_.empty()) write_error_ = error.message();
  return Progress::failed;
}

Connection::Progress Connection::fail(std::string reason) {
  if (error_.empty()) error_ = std::move(reason);
  return Progress::failed;
}

Task<bool> Connection::wait(Progress direction) {
  if (!error_.empty()) co_return false;
  const auto self = shared_from_this();
  error_code error;
  const auto event = direction == Progress::wait_readable ? Socket::wait_read : Socket::wait_write;
  co_await socket_.async_wait(event, asio::redirect_error(use_task, error));
  if (openssl_) openssl_->socket.ask_again();
  waited_ = true;
  if (error) fail(error.message());
  co_return error_.empty();
}

/// For the handshake.
Task<bool> Connection::wait_for_tls() {
  if (!error_.empty()) co_return false;
  const auto self = shared_from_this();
  error_code error;
  const auto room = asio::buffer(openssl_->socket.room().data(), openssl_->socket.room().size());
  const std::size_t size =
      co_await socket_.async_read_some(room, asio::redirect_error(use_task, error));
  came(size, error);
  co_return error_.empty();
}

void Connection::set_deadline(Duration after, std::string_view doing) {
  clear_deadline();
  deadline_.expires_after(after);
  deadline_.async_wait([weak = weak_from_this(), after, doing = std::string(doing),
                        number = deadline_number_](error_code error) {
    const auto self = weak.lock();
    // Where the thread was busy, it may have passed before it was cleared.
    if (error || !self || number != self->deadline_number_) return;
    self->timed_out_ = true;
    self->close("timed out after " + seconds_text(after) + " while " + doing);
  });
}

void Connection::clear_deadline() {
  ++deadline_number_;
  deadline_.cancel();
}

void Connection::end_sending() {
  if (!error().empty()) return;
  say_goodbye();
  write_error_ = "nothing more was to be sent";
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Connection::close(std::string_view reason) {
  clear_deadline();
  if (!socket_.is_open()) return;
  if (write_error_.empty()) say_goodbye();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  fail(std::string(reason));
}

/// Tells a TLS peer that nothing is cut off, or what was wrong. One try: it must not wait.
void Connection::say_goodbye() {
  const bool refused = records_ && !records_->error().empty();
  if (!error_.empty() && !refused) return;
  if (records_ && records_->outgoing().empty() && records_->pack_alert()) {
    const Bytes alert = records_->outgoing();
    error_code ignored;
    socket_.write_some(asio::buffer(alert.data(), alert.size()), ignored);
  }
  if (openssl_ && SSL_is_init_finished(tls())) SSL_shutdown(tls());
  ERR_clear_error();
}

}  // namespace sluice::proxy

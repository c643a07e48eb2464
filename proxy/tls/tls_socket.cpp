#include "proxy/tls/tls_socket.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <utility>

#include "protocol/openssl_ptr.hpp"

namespace sluice::proxy {
namespace {

/// Whoever sends less at a time than a TLS record can hold has most likely sent all there is.
constexpr std::size_t full_record = std::size_t{16} << 10;

TlsSocket& socket_of(BIO* bio) {
  return *static_cast<TlsSocket*>(BIO_get_data(bio));
}

bool may_try_again() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

BIO* TlsSocket::make_bio() {
  BIO* const bio = method() == nullptr ? nullptr : BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

void TlsSocket::received(std::size_t size, const boost::system::error_code& error) {
  unread_ = Bytes(received_).first(size);
  error_ = error;
  drained_ = size < received_.size();
  taken_ = 0;
}

const BIO_METHOD* TlsSocket::method() {
  static const auto made = [] {
    OpensslPtr<BIO_METHOD, BIO_meth_free> method(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of Sluice"));
    if (method) {
      BIO_meth_set_read(method.get(), &TlsSocket::read);
      BIO_meth_set_write(method.get(), &TlsSocket::write);
      BIO_meth_set_ctrl(method.get(), &TlsSocket::control);
    }
    return method;
  }();
  return made.get();
}

int TlsSocket::read(BIO* bio, char* into, int size) {
  BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY | BIO_FLAGS_IN_EOF);
  TlsSocket& socket = socket_of(bio);
  if (!socket.refusal_.empty()) {
    errno = EPROTO;
    return -1;
  }
  if (socket.paused_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  if (!socket.unread_.empty()) return socket.take(into, size);
  if (socket.error_ == boost::asio::error::eof) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return 0;
  }
  if (socket.error_) {
    errno = socket.error_.value();
    return -1;
  }
  if (socket.drained_ || socket.taken_ >= most_at_once) {
    BIO_set_retry_read(bio);
    return -1;
  }
  // OpenSSL that does not read ahead asks for a record's header, and then for the rest: with what
  // else is there kept for it, it need not ask the socket again.
  const bool keep = std::cmp_less(size, socket.received_.size());
  const MutableBytes room =
      keep ? socket.room()
           : MutableBytes(reinterpret_cast<std::uint8_t*>(into), static_cast<std::size_t>(size));
  const auto got = ::recv(socket.descriptor_, room.data(), room.size(), 0);
  if (got < 0 && may_try_again()) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  socket.drained_ = got > 0 && std::cmp_less(got, std::min(room.size(), full_record));
  if (got > 0) socket.taken_ += static_cast<std::size_t>(got);
  if (got > 0 && keep) {
    socket.unread_ = Bytes(room).first(static_cast<std::size_t>(got));
    return socket.take(into, size);
  }
  return static_cast<int>(got);
}

/// Of what is unread.
int TlsSocket::take(char* into, int size) {
  const Bytes piece = unread_.first(std::min(static_cast<std::size_t>(size), unread_.size()));
  std::ranges::copy(piece, into);
  unread_ = unread_.subspan(piece.size());
  return static_cast<int>(piece.size());
}

int TlsSocket::write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent =
      ::send(socket_of(bio).descriptor_, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && may_try_again()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long TlsSocket::control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace sluice::proxy

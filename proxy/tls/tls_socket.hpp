// The socket under OpenSSL: a BIO as BIO_s_socket() is one, which is given what came while the
// connection waited, and does not ask a socket that is known to have nothing. OpenSSL itself reads
// on as long as only messages without data come, such as KeyUpdates: a peer that sends nothing else
// would have the thread for itself, so after most_at_once bytes the connection must wait.
#pragma once

#include <openssl/bio.h>

#include <array>
#include <boost/system/error_code.hpp>
#include <string_view>
#include <utility>

#include "protocol/bytes.hpp"

namespace sluice::proxy {

/// Must outlive the BIO that is made of it.
class TlsSocket {
 public:
  /// More than any reader has room for, in bytes.
  static constexpr std::size_t most_at_once = std::size_t{256} << 10;

  /// `descriptor`: a socket that does not block; it stays the caller's.
  explicit TlsSocket(int descriptor) : descriptor_(descriptor) {}
  ~TlsSocket() = default;
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;

  /// For SSL_set_bio(), which takes it over. Null when there is no memory.
  [[nodiscard]] BIO* make_bio();

  /// Where to put what comes, when OpenSSL has asked in vain: it is read from there first.
  [[nodiscard]] MutableBytes room() { return received_; }
  /// So many bytes are there, or none for this reason.
  void received(std::size_t size, const boost::system::error_code& error);
  /// What has come and OpenSSL has not asked for yet.
  [[nodiscard]] Bytes unread() const { return unread_; }
  /// OpenSSL shall have nothing more of it, but an error: the connection is to end. `why` must be a
  /// literal.
  void refuse(std::string_view why) { refusal_ = why; }
  /// Why, or nothing: it goes on.
  [[nodiscard]] std::string_view refusal() const { return refusal_; }
  /// OpenSSL shall ask once in vain, whatever is there.
  void pause() { paused_ = true; }
  /// Whether that was why it asked in vain; the next time it is given what is there.
  [[nodiscard]] bool take_pause() { return std::exchange(paused_, false); }
  /// There may be something again.
  void ask_again() {
    drained_ = false;
    taken_ = 0;
  }

 private:
  static int read(BIO* bio, char* into, int size);
  static int write(BIO* bio, const char* bytes, int size);
  static long control(BIO* bio, int command, long number, void* pointer);
  static const BIO_METHOD* method();
  int take(char* into, int size);

  int descriptor_;
  std::array<std::uint8_t, 4096> received_{};  // a small commit, a handshake's message
  Bytes unread_;                               // of it
  boost::system::error_code error_;
  bool drained_ = false;
  std::string_view refusal_;
  bool paused_ = false;
  std::size_t taken_ = 0;  // from the socket, without a wait between
};

}  // namespace sluice::proxy

// One TCP connection, plain or with TLS on top of it.
//
// OpenSSL works on the socket itself (tls_socket.hpp): nothing is copied through a memory BIO, and
// one wake-up reads as many records as have arrived. Once a dump begins, the records are opened and
// sealed without it where that is possible (tls_traffic.hpp). Where the two sides have agreed on
// it, what is read and written is compressed on its way. All members are used from the connection's
// own thread; one coroutine may read while another one writes.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <string>

#include "protocol/bytes.hpp"
#include "protocol/openssl_ptr.hpp"
#include "protocol/wire/compressed_stream.hpp"
#include "proxy/config/config.hpp"
#include "proxy/event_loop/task.hpp"
#include "proxy/tls/tls_socket.hpp"
#include "proxy/tls/tls_traffic.hpp"

namespace sluice::filters {
class StreamBuffer;
}

namespace sluice::proxy {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Turns off Nagle's algorithm and sets keepalive. Failures are of no consequence.
  void tune(const Keepalive& keepalive);

  /// Waits for bytes and reads as many as are there and fit. 0: the connection is at its end, and
  /// error() says why.
  [[nodiscard]] Task<std::size_t> read_some(MutableBytes into);
  /// The same to the free space of `buffer`, which has room while it waits only where it must.
  [[nodiscard]] Task<std::size_t> read_some(filters::StreamBuffer& buffer);
  /// Whether it has waited since the last time this was asked. Who never waits must let the
  /// thread's other sessions go on (post).
  [[nodiscard]] bool has_waited() { return std::exchange(waited_, false); }
  /// Nobody will read for a while, nor does so now: room that is not needed meanwhile is given
  /// back.
  void park() {
    if (records_) records_->park_received();
  }
  /// Writes what goes without waiting, and leaves in `bytes` what must be kept for write(): less
  /// than what did not go where that has been packed already. false: write() must follow, even if
  /// nothing is left, and also says if there is an error.
  [[nodiscard]] bool write_now(Bytes& bytes) { return push(bytes) == Progress::done; }
  /// Writes all of it, behind what write_now() has kept. false: error().
  [[nodiscard]] Task<bool> write(Bytes bytes);

  /// The TLS handshake, as the server or as the client. Nothing that was sent behind the plain
  /// bytes read so far may have been read. false: error().
  [[nodiscard]] Task<bool> accept_tls(SSL_CTX& context);
  /// Whether that failed as one of the two did not like what the other has, rather than by the end
  /// of the connection.
  [[nodiscard]] bool is_tls_refused() const { return tls_refused_; }
  /// `identity`: the name or address that the certificate must be for; empty: any.
  [[nodiscard]] Task<bool> connect_tls(SSL_CTX& context, const std::string& identity);

  /// A dump begins: much data will come or go. Takes over from OpenSSL where that is possible, else
  /// has it read ahead. Nothing may be under way in either direction.
  void start_streaming();

  /// From here on, behind the login's OK, both sides speak the compressed protocol. `max_plain`:
  /// see CompressedStream.
  void start_compression(wire::CompressionSetting setting, std::size_t max_plain) {
    compressed_ = std::make_unique<wire::CompressedStream>(setting, max_plain);
  }
  /// null: they do not.
  [[nodiscard]] wire::CompressedStream* compressed() { return compressed_.get(); }

  /// Ends whatever waits at that time with "timed out after ... while DOING". A new deadline takes
  /// the place of the one before.
  void set_deadline(Duration after, std::string_view doing);
  void clear_deadline();
  [[nodiscard]] bool has_timed_out() const { return timed_out_; }

  /// Nothing more will be written, nor is under way: the peer sees the end behind all that was, and
  /// may still send. To close() while it does resets the connection, and takes from the peer what
  /// it has not got yet (RFC 1122, 4.2.2.13).
  void end_sending();
  /// Ends the connection; whatever waits ends too. `reason` becomes error() unless there is one.
  void close(std::string_view reason);

  /// Why the connection is at its end, or takes nothing more: one phrase for the log. Empty while
  /// it lives.
  [[nodiscard]] const std::string& error() const { return error_.empty() ? write_error_ : error_; }
  /// Nothing can be read any more either.
  [[nodiscard]] bool has_ended() const { return !error_.empty(); }

  [[nodiscard]] Socket& socket() { return socket_; }
  [[nodiscard]] bool has_tls() const { return !tls_version_.empty(); }
  /// null without TLS, and once it streams.
  [[nodiscard]] SSL* tls() const { return openssl_ ? openssl_->ssl.get() : nullptr; }
  /// "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; empty without TLS.
  [[nodiscard]] const std::string& tls_version() const { return tls_version_; }
  [[nodiscard]] const std::string& tls_cipher() const { return tls_cipher_; }
  /// Both, with ", resumed" if it is, or "none".
  [[nodiscard]] std::string tls_description() const;

 private:
  static constexpr std::string_view closed_by_peer_text = "closed by the peer";

  /// What TLS takes while OpenSSL does it.
  struct OverOpenssl {
    explicit OverOpenssl(int descriptor) : socket(descriptor) {}

    TlsSocket socket;
    TlsTraffic traffic;
    OpensslPtr<SSL, SSL_free> ssl;  // uses both
  };

  enum class Progress { done, wait_readable, wait_writable, busy, failed };
  enum class Way { read, write };

  Progress push(Bytes& bytes);
  [[nodiscard]] bool has_unsent() const;
  [[nodiscard]] std::size_t take_packed();
  Progress try_read(MutableBytes into, std::size_t& size);
  Progress try_write(Bytes bytes, std::size_t& size);
  Progress try_read_compressed(MutableBytes into, std::size_t& size);
  Progress try_write_compressed(Bytes bytes, std::size_t& size);
  Progress try_read_wire(MutableBytes into, std::size_t& size);
  Progress try_write_wire(Bytes bytes, std::size_t& size);
  Progress try_read_tls(MutableBytes into, std::size_t& size);
  Progress try_read_records(MutableBytes into, std::size_t& size);
  Progress try_write_records(Bytes bytes, std::size_t& size);
  Progress judge_tls(int result, Way way);
  Progress judge_records();
  Progress judge_socket(const boost::system::error_code& error);
  Task<bool> wait(Progress direction);
  Task<std::size_t> read(MutableBytes into, filters::StreamBuffer* buffer);
  [[nodiscard]] MutableBytes waiting_room();
  void came(std::size_t size, const boost::system::error_code& error);
  Task<bool> wait_for_tls();
  Task<bool> handshake();
  [[nodiscard]] bool make_ssl(SSL_CTX& context);
  void say_goodbye();
  Progress fail_writing(const boost::system::error_code& error);
  Progress fail(std::string reason);

  Socket socket_;
  Timer deadline_;
  std::uint64_t deadline_number_ = 0;
  bool timed_out_ = false;
  std::unique_ptr<OverOpenssl> openssl_;
  std::unique_ptr<tls::RecordStream> records_;  // instead of it
  std::string tls_version_, tls_cipher_;
  bool resumed_ = false;
  bool tls_refused_ = false;
  std::unique_ptr<wire::CompressedStream> compressed_;
  std::string error_, write_error_;
  std::string error_behind_;  // of a read that had something to deliver first
  bool waited_ = false;       // since has_waited()
};

}  // namespace sluice::proxy

// Takes over a TLS 1.3 connection from OpenSSL once it is set up, for a stream that is faster
// without it (protocol/tls/record_stream.hpp): the same that OpenSSL does when it gives a
// connection to the kernel.
#pragma once

#include <openssl/ssl.h>

#include <optional>

#include "protocol/tls/record_stream.hpp"
#include "proxy/tls/tls_socket.hpp"

namespace sluice::proxy {

/// Of one connection: follows from before the handshake what OpenSSL does.
class TlsTraffic {
 public:
  /// For all connections of this context.
  static void watch(SSL_CTX& context);

  /// Before a stream; who logs in needs none. In a stream others of the thread go first after so
  /// many. Data between them counts for nothing: records may be empty, and OpenSSL, which has tens
  /// of microseconds of work with each update, would do as many at once as have come.
  static constexpr unsigned max_key_updates = 32;

  /// The connection must not outlive it. Its context is one that is watched, or take_over() will
  /// have nothing. `socket`, which is under it, refuses what comes behind too many key updates.
  void attach(SSL& ssl, TlsSocket& socket);
  /// OpenSSL goes on itself, with a stream: a peer that reads much may ask for a new key with each
  /// record until it has one, and is not refused, but others go first then.
  void start_streaming() { streaming_ = true; }

  /// Goes on where OpenSSL is now, which must not be used for it any more. nullopt: it has to go on
  /// itself, as this is not TLS 1.3, or the suite another, or it holds bytes that it has received.
  [[nodiscard]] std::optional<tls::RecordStream> take_over(const SSL& ssl) const;

 private:
  struct Way {
    tls::TrafficSecret secret;
    std::uint64_t records = 0;  // since the handshake's last message of its sender
  };

  static void on_secret(const SSL* ssl, const char* line);
  static void on_message(int written, int version, int type, const void* bytes, std::size_t size,
                         SSL* ssl, void* data);

  Way client_, server_;
  TlsSocket* socket_ = nullptr;
  unsigned key_updates_ = 0;  // received, in a stream since it let others go first
  bool key_updated_ = false;
  bool streaming_ = false;
  bool is_server_ = false;
};

}  // namespace sluice::proxy

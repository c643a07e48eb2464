// OpenSSL's error queue as one phrase.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace sluice::proxy {

/// The newest error of this thread's queue, which is emptied; "unknown error" when there is none.
[[nodiscard]] std::string take_tls_error();

/// Why a PEM file cannot be used: the oldest error of this thread's queue, which says most about
/// it. The queue is emptied.
[[nodiscard]] std::string take_pem_error();

/// Whether the handshake failed, or will, by the peer's certificate.
[[nodiscard]] bool is_certificate_refused(const SSL* ssl);

/// Why a handshake failed: what is wrong with the peer's certificate and what to do about it, or
/// the newest error of the queue.
[[nodiscard]] std::string explain_handshake_failure(SSL* ssl);

}  // namespace sluice::proxy

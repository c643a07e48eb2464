#include "proxy/tls/tls_resumption.hpp"

#include <mutex>

#include "protocol/openssl_ptr.hpp"
#include "proxy/tls/context_data.hpp"

namespace sluice::proxy {
namespace {

bool has_expired(SSL_SESSION& session) {
  const X509* const certificate = SSL_SESSION_get0_peer(&session);
  return certificate && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
}

/// Keeps and offers copies: a connection changes its session, and each may have a thread of its
/// own.
class Ticket {
 public:
  void keep(const SSL_SESSION* session) {
    const std::lock_guard lock(mutex_);
    session_.reset(SSL_SESSION_dup(session));
  }
  void offer(SSL& ssl) {
    const std::lock_guard lock(mutex_);
    // A session that is resumed has no certificate to verify: that of its beginning counts, and
    // with each resumption comes another ticket.
    if (session_ && has_expired(*session_)) session_.reset();
    if (!session_) return;
    const Session copy(SSL_SESSION_dup(session_.get()));
    if (copy) SSL_set_session(&ssl, copy.get());
  }

 private:
  using Session = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;

  std::mutex mutex_;
  Session session_;
};

int on_new_session(SSL* ssl, SSL_SESSION* session) {
  // Older versions have their tickets in the handshake and servers of their own: yaSSL.
  if (SSL_version(ssl) < TLS1_3_VERSION) return 0;
  if (Ticket* const ticket = ContextData<Ticket>::of(*ssl)) ticket->keep(session);
  return 0;  // the session stays OpenSSL's
}

}  // namespace

void keep_ticket(SSL_CTX& context) {
  if (!ContextData<Ticket>::give(context)) return;
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(&context, on_new_session);
}

void offer_ticket(SSL& ssl) {
  if (Ticket* const ticket = ContextData<Ticket>::of(ssl)) ticket->offer(ssl);
}

}  // namespace sluice::proxy

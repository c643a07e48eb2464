// How a connection's TLS is set up, and taken over from OpenSSL for a stream.
#include <openssl/err.h>

#include <algorithm>
#include <utility>

#include "proxy/network/connection.hpp"
#include "proxy/tls/tls_error.hpp"
#include "proxy/tls/tls_resumption.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using boost::system::error_code;

bool Connection::make_ssl(SSL_CTX& context) {
  auto openssl = std::make_unique<OverOpenssl>(socket_.native_handle());
  openssl->ssl.reset(SSL_new(&context));
  BIO* const bio = openssl->ssl ? openssl->socket.make_bio() : nullptr;
  if (bio == nullptr) {
    fail("TLS cannot be set up: " + take_tls_error());
    return false;
  }
  SSL_set_bio(openssl->ssl.get(), bio, bio);
  openssl_ = std::move(openssl);
  return true;
}

void Connection::start_streaming() {
  if (!openssl_ || !error_.empty()) return;
  auto records = openssl_->traffic.take_over(*tls());
  if (!records) {
    openssl_->traffic.start_streaming();
    // Many records in one system call instead of two calls for each. With TLS 1.3 it would have
    // thousands of key updates in hand, which it could not be kept from.
    SSL_set_read_ahead(tls(), tls_version_ == "TLSv1.3" ? 0 : 1);
    return;
  }
  auto stream = std::make_unique<tls::RecordStream>(*std::move(records));
  const Bytes unread = openssl_->socket.unread();
  std::ranges::copy(unread, stream->room().begin());
  stream->received(unread.size());
  records_ = std::move(stream);
  openssl_.reset();
}

Task<bool> Connection::accept_tls(SSL_CTX& context) {
  if (!make_ssl(context)) co_return false;
  SSL_set_accept_state(tls());
  openssl_->traffic.attach(*tls(), openssl_->socket);
  co_return co_await handshake();
}

Task<bool> Connection::connect_tls(SSL_CTX& context, const std::string& identity) {
  if (!make_ssl(context)) co_return false;
  SSL_set_connect_state(tls());
  openssl_->traffic.attach(*tls(), openssl_->socket);
  offer_ticket(*tls());
  if (!identity.empty()) {
    error_code not_an_address;
    asio::ip::make_address(identity, not_an_address);
    X509_VERIFY_PARAM* parameters = SSL_get0_param(tls());
    int named = 0;
    if (not_an_address) {
      // What SSL_set_tlsext_host_name does, without its old-style cast.
      SSL_ctrl(tls(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(identity.c_str()));
      named = X509_VERIFY_PARAM_set1_host(parameters, identity.c_str(), identity.size());
    } else {
      named = X509_VERIFY_PARAM_set1_ip_asc(parameters, identity.c_str());
    }
    if (named != 1) {
      fail("TLS cannot be set up for the host " + identity);
      co_return false;
    }
  }
  co_return co_await handshake();
}

Task<bool> Connection::handshake() {
  for (;;) {
    if (!error_.empty()) co_return false;
    ERR_clear_error();
    const int result = SSL_do_handshake(tls());
    if (result == 1) {
      tls_version_ = SSL_get_version(tls());
      tls_cipher_ = SSL_get_cipher_name(tls());
      resumed_ = SSL_session_reused(tls()) == 1;
      co_return true;
    }
    const int reason = SSL_get_error(tls(), result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      const bool hung_up = reason == SSL_ERROR_SYSCALL && !is_certificate_refused(tls());
      tls_refused_ =
          !hung_up && ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING;
      fail("TLS handshake failed: " +
           (hung_up ? std::string(closed_by_peer_text) : explain_handshake_failure(tls())));
      co_return false;
    }
    if (reason == SSL_ERROR_WANT_READ) {
      if (!co_await wait_for_tls()) co_return false;
    } else {
      if (!co_await wait(Progress::wait_writable)) co_return false;
    }
  }
}

std::string Connection::tls_description() const {
  if (!has_tls()) return "none";
  return tls_version_ + " " + tls_cipher_ + (resumed_ ? ", resumed" : "");
}

}  // namespace sluice::proxy

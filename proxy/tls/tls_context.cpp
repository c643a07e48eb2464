#include "proxy/tls/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <optional>

#include "proxy/tls/tls_error.hpp"
#include "proxy/tls/tls_resumption.hpp"
#include "proxy/tls/tls_ticket_keys.hpp"
#include "proxy/tls/tls_traffic.hpp"

namespace sluice::proxy {
namespace {

using Result = boost::system::result<TlsContext, TlsProblem>;
using Problem = std::optional<TlsProblem>;

constexpr std::size_t read_buffer_size = std::size_t{64} << 10;

int protocol_number(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls_1_0:
      return TLS1_VERSION;
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls_1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

TlsContext make_context(const SSL_METHOD* method, TlsVersion min_version) {
  TlsContext context(SSL_CTX_new(method), &SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), protocol_number(min_version));
  if (min_version < TlsVersion::tls_1_2) {
    // yaSSL of MySQL 5.6 speaks TLS 1.0 with SHA-1 and does not know secure renegotiation.
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_options(context.get(), SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_cipher_list(context.get(), "DEFAULT:AES256-SHA:AES128-SHA:@SECLEVEL=0");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  TlsTraffic::watch(*context);
  // For where it reads ahead (Connection::start_streaming).
  SSL_CTX_set_default_read_buffer_len(context.get(), read_buffer_size);
  // An encrypted key is an error, not a question on the terminal.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void* asked) {
    if (asked != nullptr) *static_cast<bool*>(asked) = true;
    return 0;
  });
  return context;
}

/// A resumed session is not asked for its client certificate again, and gets another ticket each
/// time: without this an expired one would do for ever.
SSL_TICKET_RETURN judge_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                               SSL_TICKET_STATUS status, void*) {
  if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  const X509* const shown = SSL_SESSION_get0_peer(session);
  if (shown && X509_cmp_current_time(X509_get0_notAfter(shown)) <= 0) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

/// Replicas that keep their session resume it, and log in with their password all the same. Nothing
/// is kept here: the session is in the ticket, under keys that this context alone has, so that a
/// ticket is no good at another relay, or once other certificates have been loaded.
void offer_tickets(SSL_CTX& context) {
  static constexpr unsigned char session_context[] = "sluice";
  SSL_CTX_set_session_id_context(&context, session_context, sizeof session_context - 1);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(&context, 1);  // a replica has one connection
  SSL_CTX_set_timeout(&context, std::chrono::seconds(ticket_lifetime).count());
  SSL_CTX_set_session_ticket_cb(&context, nullptr, judge_ticket, nullptr);
  use_ticket_keys(context);
}

/// MySQL before 26.7 takes P-256 only (vio/viosslfactories.cc). Whoever begins with X25519, as
/// OpenSSL does, makes a second key and another round trip.
void begin_with_p256(SSL_CTX& context) {
  // The second list is for an OpenSSL older than 3.5.
  for (const char* const groups :
       {"P-256:X25519MLKEM768:X25519:P-384:P-521", "P-256:X25519:P-384:P-521"}) {
    if (SSL_CTX_set1_groups_list(&context, groups) == 1) break;
  }
  ERR_clear_error();
}

bool is_too_weak(unsigned long error) {
  const int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL &&
         (reason == SSL_R_EE_KEY_TOO_SMALL || reason == SSL_R_CA_KEY_TOO_SMALL ||
          reason == SSL_R_CA_MD_TOO_WEAK);
}

/// Of OpenSSL's error queue.
TlsProblem failure(const std::string& what, const std::string& file, TlsFault fault) {
  if (is_too_weak(ERR_peek_error())) fault = TlsFault::too_weak;
  return {what + " " + file + " cannot be used: " + take_pem_error(), fault};
}

/// Whether the key is that of a certificate further behind in the file.
bool is_key_of_later_one(const std::string& cert, const std::string& key) {
  const OpensslPtr<BIO, BIO_free_all> certificates(BIO_new_file(cert.c_str(), "r"));
  const OpensslPtr<BIO, BIO_free_all> keys(BIO_new_file(key.c_str(), "r"));
  if (!certificates || !keys) return false;
  const OpensslPtr<EVP_PKEY, EVP_PKEY_free> own(
      PEM_read_bio_PrivateKey(keys.get(), nullptr, nullptr, nullptr));
  bool found = false;
  while (own && !found) {
    const OpensslPtr<X509, X509_free> one(
        PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    found = X509_check_private_key(one.get(), own.get()) == 1;
  }
  ERR_clear_error();
  return found;
}

Problem use_certificate(SSL_CTX& context, const std::string& cert, const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(&context, cert.c_str()) != 1) {
    return failure("certificate", cert, TlsFault::unusable_file);
  }
  bool is_encrypted = false;
  SSL_CTX_set_default_passwd_cb_userdata(&context, &is_encrypted);
  const bool used = SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
  if (is_encrypted) {
    ERR_clear_error();
    return TlsProblem{"private key " + key +
                          " is encrypted: Sluice needs it without a password (openssl pkey makes "
                          "such a copy)",
                      TlsFault::encrypted_key};
  }
  const auto reason =
      ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_X509 ? ERR_GET_REASON(ERR_peek_error()) : 0;
  if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
    ERR_clear_error();
    if (is_key_of_later_one(cert, key)) {
      return TlsProblem{"certificates " + cert + " are in the wrong order: that of private key " +
                            key + " comes first, and behind each one the one that issued it",
                        TlsFault::wrong_order};
    }
    return TlsProblem{"private key " + key + " does not belong to certificate " + cert,
                      TlsFault::key_of_another};
  }
  if (!used) return failure("private key", key, TlsFault::unusable_key);
  return std::nullopt;
}

/// An empty name: the system's store.
Problem trust(SSL_CTX& context, const std::string& ca) {
  if (ca.empty()) {
    SSL_CTX_set_default_verify_paths(&context);
    return std::nullopt;
  }
  if (SSL_CTX_load_verify_file(&context, ca.c_str()) == 1) return std::nullopt;
  return failure("CA file", ca, TlsFault::unusable_file);
}

}  // namespace

Result make_tls_context(const MasterTls& tls) {
  const TlsContext context = make_context(TLS_client_method(), tls.min_version);
  if (!context) return TlsProblem{"TLS cannot be set up: " + take_tls_error()};
  if (tls.min_version < TlsVersion::tls_1_2) {
    // The Diffie-Hellman keys of that time are too small for OpenSSL at any level.
    SSL_CTX_set_cipher_list(context.get(), "DEFAULT:AES256-SHA:AES128-SHA:!kDHE:@SECLEVEL=0");
  }
  if (tls.mode >= MasterTlsMode::verify_ca) {
    if (auto problem = trust(*context, tls.ca)) return *std::move(problem);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  if (!tls.cert.empty()) {
    if (auto problem = use_certificate(*context, tls.cert, tls.key)) return *std::move(problem);
  }
  begin_with_p256(*context);
  keep_ticket(*context);
  return context;
}

Result make_tls_context(const ReplicaTls& tls) {
  const TlsContext context = make_context(TLS_server_method(), tls.min_version);
  if (!context) return TlsProblem{"TLS cannot be set up: " + take_tls_error()};
  if (tls.min_version >= TlsVersion::tls_1_2) {
    // Of TLS 1.2 what keeps its secrets should the key be lost, and authenticates what it encrypts:
    // every client of MySQL and MariaDB that speaks it has these. Masters may have older ones only.
    SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  }
  if (auto problem = use_certificate(*context, tls.cert, tls.key)) return *std::move(problem);
  if (!tls.client_ca.empty()) {
    if (auto problem = trust(*context, tls.client_ca)) return *std::move(problem);
    SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(tls.client_ca.c_str()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  // Passwords come through it.
  SSL_CTX_set_options(context.get(), SSL_OP_CLEANSE_PLAINTEXT);
  offer_tickets(*context);
  return context;
}

}  // namespace sluice::proxy

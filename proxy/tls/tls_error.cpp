#include "proxy/tls/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "protocol/openssl_ptr.hpp"

namespace sluice::proxy {
namespace {

std::string subject_of(SSL* ssl) {
  const OpensslPtr<X509, X509_free> certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate) return "";
  char name[256] = {};
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), name, sizeof name);
  return name;
}

std::string_view advice_for(long verify_result, bool is_replica) {
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "check the clocks";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "use a host that the certificate names, or mode = \"verify-ca\"";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return is_replica ? "name the authority that issued it as client_ca"
                        : "name the authority that issued it as ca";
    default:
      return "";
  }
}

/// What to do about a handshake that failed for this reason.
std::string_view advice_for_reason(int reason, bool is_replica) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "no version of TLS is common to both; min_version says how old one may be";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return is_replica ? "it does not trust the authority of Sluice's certificate; sluice link "
                          "says what it needs"
                        : "it does not trust the authority of cert";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "client_ca demands one of each replica";
    default:
      return "";
  }
}

/// 0: there was none.
std::string reason_of(unsigned long code) {
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  return reason_of(code);
}

std::string take_pem_error() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  const int library = ERR_GET_LIB(code);
  const int reason = ERR_GET_REASON(code);
  if ((library == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE) ||
      (library == ERR_LIB_X509 && reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND) ||
      (library == ERR_LIB_OSSL_DECODER && reason == ERR_R_UNSUPPORTED)) {
    return "there is none in it, in PEM (-----BEGIN ...)";
  }
  return reason_of(code);
}

bool is_certificate_refused(const SSL* ssl) {
  // OpenSSL has a verdict also where nobody asked for one.
  return SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE && SSL_get_verify_result(ssl) != X509_V_OK;
}

std::string explain_handshake_failure(SSL* ssl) {
  const bool is_replica = SSL_is_server(ssl) == 1;
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (!is_certificate_refused(ssl)) {
    const auto advice = advice_for_reason(ERR_GET_REASON(code), is_replica);
    return reason_of(code) + (advice.empty() ? "" : "; " + std::string(advice));
  }
  const long verdict = SSL_get_verify_result(ssl);
  std::string text = "the peer's certificate";
  if (const std::string subject = subject_of(ssl); !subject.empty()) text += " (" + subject + ")";
  text += " was not accepted: ";
  text += X509_verify_cert_error_string(verdict);
  if (const auto advice = advice_for(verdict, is_replica); !advice.empty()) {
    text += "; ";
    text += advice;
  }
  return text;
}

}  // namespace sluice::proxy

// Certificates as facts: what rules look at.
#pragma once

#include <openssl/x509.h>

#include <boost/system/result.hpp>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace sluice::proxy::check {

struct CertificateFacts {
  std::string subject;  ///< "CN=db.example.com, O=Example"
  std::string issuer;
  std::vector<std::string> names;  ///< host names and addresses that it is for
  bool by_common_name = false;     ///< `names` is its common name: it has no subjectAltName
  std::time_t not_before = 0;
  std::time_t not_after = 0;
  bool self_signed = false;
  bool for_servers = true;  ///< neither keyUsage nor extendedKeyUsage forbids a TLS server
};

using Certificate = std::shared_ptr<X509>;

/// The certificates of a PEM file, in its order. The error is a phrase.
[[nodiscard]] boost::system::result<std::vector<Certificate>, std::string> read_certificates(
    const std::string& path);

[[nodiscard]] CertificateFacts facts_of(X509& certificate);
/// Whether this authority's key has signed it, and may.
[[nodiscard]] bool is_issued_by(X509& certificate, X509& authority);
/// Whether it is for this host name or numeric address (RFC 6125, as clients check it).
[[nodiscard]] bool covers(X509& certificate, const std::string& host);
/// What is wrong with a certificate that a server has shown. 0 (X509_V_OK): nothing. `chain`: what
/// it sent, its own first. `ca`: the authorities' file; empty: the system's.
[[nodiscard]] int verify(const std::vector<Certificate>& chain, const std::string& ca);

/// The certificate in the system's store that issued this one. null: there is none.
[[nodiscard]] Certificate issuer_in_system_store(X509& certificate);
/// As PEM, with a newline at its end.
[[nodiscard]] std::string to_pem(X509& certificate);

/// "2027-03-01"
[[nodiscard]] std::string date_text(std::time_t time);
/// "db.example.com, 10.0.0.5", or "no name".
[[nodiscard]] std::string names_text(const CertificateFacts& certificate);

}  // namespace sluice::proxy::check

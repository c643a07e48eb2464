#include "proxy/link/authority.hpp"

#include "proxy/check/certificate.hpp"

namespace sluice::proxy::link {
using check::Certificate;

Parsed<std::string> authority_of(const ReplicaTls& tls, const std::string& ca) {
  const auto shown = check::read_certificates(tls.cert);
  if (!shown) return Refused::because(shown.error());
  if (!ca.empty()) {
    const auto given = check::read_certificates(ca);
    if (!given) return Refused::because("--ca: " + given.error());
    if (const int verdict = check::verify(*shown, ca); verdict != X509_V_OK) {
      return Refused::because("--ca: " + ca + " is not the authority of " + tls.cert + ": " +
                              X509_verify_cert_error_string(verdict));
    }
    std::string pem;
    for (const Certificate& certificate : *given) pem += check::to_pem(*certificate);
    return pem;
  }
  Certificate root = shown->back();
  const check::CertificateFacts facts = check::facts_of(*root);
  if (!facts.self_signed) root = check::issuer_in_system_store(*root);
  if (!root) {
    return Refused::because(tls.cert + " does not hold the certificate of its authority, " +
                            facts.issuer +
                            ", and the system does not know it: name its file with --ca");
  }
  return check::to_pem(*root);
}

}  // namespace sluice::proxy::link

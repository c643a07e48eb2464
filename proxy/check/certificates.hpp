// The certificate that replicas see, and those of the leg to the master.
#pragma once

#include <optional>

#include "proxy/check/certificate.hpp"
#include "proxy/check/requirement.hpp"
#include "proxy/check/statements.hpp"
#include "proxy/config/config.hpp"
#include "proxy/tls/tls_context.hpp"

namespace sluice::proxy::check {

/// A certificate file of the configuration, and what its key and OpenSSL say of it.
struct CertificateFile {
  std::string key_name;  ///< of the configuration: "replica.tls.cert"
  std::string path;
  std::vector<CertificateFacts> chain;   ///< in the file's order
  std::size_t linked = 0;                ///< how many from the first on are issued by the next
  TlsProblem problem;                    ///< why it cannot be used, with its key; no text: it can
  bool root_known = false;               ///< the last one's issuer is in the system's store
  std::optional<bool> covers_advertise;  ///< nullopt: there is no advertise
};

/// What to do about it.
[[nodiscard]] Lines remedy_for_tls(TlsFault fault);

/// Looks into the file. Whether the key fits is left to the caller.
[[nodiscard]] CertificateFile look_into(std::string key_name, const std::string& path,
                                        const std::string& advertised_host);

/// What replicas will see: usable, valid, with its chain, and for the advertised name.
[[nodiscard]] Findings judge_own_certificate(const CertificateFile& file,
                                             const std::string& advertised_host, std::time_t now);
/// Of that, whether it is for the advertised name.
[[nodiscard]] Requirement judge_names(const CertificateFile& file,
                                      const std::string& advertised_host);
/// Another file: usable and valid.
[[nodiscard]] Requirement judge_other_certificate(const CertificateFile& file, std::time_t now);
/// A file of authorities, of which one that is valid will do: an old one may stay beside its
/// successor.
[[nodiscard]] Requirement judge_authorities(const CertificateFile& file, std::time_t now);

/// That of the admin interface, which is not empty.
[[nodiscard]] Requirement check_admin_certificate(const AdminConfig& admin, std::time_t now);

/// All certificates that a relay's configuration names.
[[nodiscard]] Findings check_certificates(const RelayConfig& relay, std::time_t now);

}  // namespace sluice::proxy::check

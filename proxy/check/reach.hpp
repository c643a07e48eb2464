// Whether Sluice gets at the master as the configuration says: name, network, TLS, login.
#pragma once

#include <optional>

#include "proxy/check/certificate.hpp"
#include "proxy/check/requirement.hpp"
#include "proxy/check/server_facts.hpp"
#include "proxy/config/config.hpp"
#include "proxy/master/master_failure.hpp"

namespace sluice::proxy {
class Connection;
struct MasterTarget;
}  // namespace sluice::proxy

namespace sluice::proxy::check {

/// The certificate that the master has shown, looked at without trusting it.
struct PresentedCertificate {
  std::string tls;  ///< version and cipher
  CertificateFacts certificate;
  int verdict = 0;  ///< X509_V_...: what is wrong with it and the authorities at hand
  bool covers_host = true;
};

struct ReachFacts {
  std::string address;                   ///< host:port
  std::optional<MasterFailure> failure;  ///< nullopt: logged in
  std::string tls;                       ///< of the login: "TLSv1.3 ...", "none"
  std::optional<PresentedCertificate> presented;
  std::optional<ServerFacts> server;  ///< its version, if it has been seen
};

[[nodiscard]] Findings judge_reach(const ReachFacts& facts, const MasterConfig& config,
                                   std::time_t now);

/// Connects as far as TLS and looks at what is shown; sends no password. nullopt: not even that.
[[nodiscard]] std::optional<PresentedCertificate> look_at_certificate(const MasterTarget& target);

/// The certificates that the other side has shown, its own first.
[[nodiscard]] std::vector<Certificate> shown_by(Connection& connection);

}  // namespace sluice::proxy::check

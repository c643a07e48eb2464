#include "proxy/check/reach.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::check {

std::vector<Certificate> shown_by(Connection& connection) {
  std::vector<Certificate> chain;
  if (connection.tls() == nullptr) return chain;
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(connection.tls());
  for (int i = 0; sent != nullptr && i < sk_X509_num(sent); ++i) {
    X509* certificate = sk_X509_value(sent, i);
    X509_up_ref(certificate);
    chain.emplace_back(certificate, &X509_free);
  }
  return chain;
}

std::optional<PresentedCertificate> look_at_certificate(const MasterTarget& target) {
  MasterConfig config = target.config;
  config.tls.mode = MasterTlsMode::required;
  config.tls.min_version = TlsVersion::tls_1_0;
  const auto lenient = make_master_target(config);
  if (!lenient) return std::nullopt;
  const auto client = SqlClient::open(*lenient, SqlClient::Until::tls_only);
  if (!client) return std::nullopt;
  Connection& connection = (*client)->master().connection();
  const auto chain = shown_by(connection);
  if (chain.empty()) return std::nullopt;
  PresentedCertificate presented;
  presented.tls = connection.tls_description();
  presented.certificate = facts_of(*chain.front());
  presented.verdict = verify(chain, target.config.tls.ca);
  presented.covers_host = covers(*chain.front(), target.config.host);
  return presented;
}

}  // namespace sluice::proxy::check

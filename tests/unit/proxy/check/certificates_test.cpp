#include "proxy/check/certificates.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

namespace {

constexpr std::time_t now = 1'800'000'000;
constexpr std::time_t day = 86400;

CertificateFacts certificate(std::string subject, std::string issuer, std::time_t days) {
  CertificateFacts facts;
  facts.subject = std::move(subject);
  facts.issuer = std::move(issuer);
  facts.names = {"sluice.example.com", "203.0.113.7"};
  facts.not_before = now - 30 * day;
  facts.not_after = now + days * day;
  facts.self_signed = facts.subject == facts.issuer;
  return facts;
}

CertificateFile file(std::vector<CertificateFacts> chain) {
  CertificateFile made;
  made.key_name = "replica.tls.cert";
  made.path = "server.pem";
  made.chain = std::move(chain);
  return made;
}

const CertificateFile complete =
    file({certificate("CN=s", "CN=i", 200), certificate("CN=i", "CN=r", 900),
          certificate("CN=r", "CN=r", 3000)});

Requirement judged(const CertificateFile& made, std::string_view name,
                   const std::string& host = "sluice.example.com") {
  return named(judge_own_certificate(made, host, now), name);
}

}  // namespace

TEST_CASE("check certificates: a pair that fits") {
  CHECK(judged(complete, "certificate and key").state == State::ok);
  auto wrong = complete;
  wrong.error = "private key a does not belong to certificate b";
  CHECK(judged(wrong, "certificate and key").state == State::fail);
  CertificateFile missing;
  missing.error = "server.pem holds no certificate (PEM)";
  CHECK(judge_own_certificate(missing, "", now).size() == 1);
}

TEST_CASE("check certificates: validity, of all in the file") {
  CHECK(judged(complete, "certificate validity").state == State::ok);
  CHECK(judged(file({certificate("CN=s", "CN=s", 29)}), "certificate validity").state ==
        State::warn);
  CHECK(judged(file({certificate("CN=s", "CN=s", 31)}), "certificate validity").state == State::ok);
  CHECK(judged(file({certificate("CN=s", "CN=s", -1)}), "certificate validity").state ==
        State::fail);
  const auto expired =
      judged(file({certificate("CN=s", "CN=i", 200), certificate("CN=i", "CN=i", -2)}),
             "certificate validity");
  CHECK(expired.state == State::fail);
  CHECK(contains(expired.reason, "CN=i"));
  auto early = certificate("CN=s", "CN=s", 100);
  early.not_before = now + day;
  CHECK(judged(file({early}), "certificate validity").state == State::fail);
}

TEST_CASE("check certificates: the chain") {
  CHECK(judged(complete, "certificate chain").state == State::ok);
  const auto alone = file({certificate("CN=s", "CN=i", 200)});
  CHECK(judged(alone, "certificate chain").state == State::warn);
  CHECK(advises(judged(alone, "certificate chain"), ">> server.pem"));
  auto known = alone;
  known.root_known = true;
  CHECK(judged(known, "certificate chain").state == State::ok);
  const auto broken = file({certificate("CN=s", "CN=i", 200), certificate("CN=x", "CN=x", 200)});
  CHECK(judged(broken, "certificate chain").state == State::fail);
}

TEST_CASE("check certificates: names") {
  CHECK(judged(complete, "certificate names").state == State::skip);
  auto covering = complete;
  covering.covers_advertise = true;
  CHECK(judged(covering, "certificate names").state == State::ok);
  auto other = complete;
  other.covers_advertise = false;
  CHECK(judged(other, "certificate names").state == State::fail);
  CHECK(advises(judged(other, "certificate names"), "subjectAltName = DNS:sluice.example.com"));
  CHECK(advises(judged(other, "certificate names", "203.0.113.9"), "IP:203.0.113.9"));
}

TEST_CASE("check certificates: dates and names as text") {
  CHECK(date_text(0) == "1970-01-01");
  CHECK(names_text(certificate("CN=s", "CN=s", 1)) == "sluice.example.com, 203.0.113.7");
  CHECK(names_text({}) == "no name");
}

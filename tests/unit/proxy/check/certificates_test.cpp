#include "proxy/check/certificates.hpp"

#include <openssl/x509v3.h>

#include <set>

#include "unit/proxy/check/check_support.hpp"
#include "unit/proxy/tls/self_signed.hpp"

using namespace sluice::test;
using sluice::OpensslPtr;
using sluice::proxy::TlsFault;

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
  made.linked = made.chain.size() - 1;
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
  wrong.problem = {"private key a does not belong to certificate b", TlsFault::key_of_another};
  CHECK(judged(wrong, "certificate and key").state == State::fail);
  CHECK(advises(judged(wrong, "certificate and key"), "these two must be the same"));
  wrong.problem = {"certificate b cannot be used: ee key too small", TlsFault::too_weak};
  CHECK(advises(judged(wrong, "certificate and key"), "rsa_keygen_bits:2048"));
  CHECK_FALSE(advises(judged(wrong, "certificate and key"), "must be the same"));
  wrong.problem = {"private key a is encrypted", TlsFault::encrypted_key};
  CHECK(advises(judged(wrong, "certificate and key"), "openssl pkey -in KEY -out NEW-KEY"));
  auto client = complete;
  client.chain[0].for_servers = false;
  CHECK(judged(client, "certificate and key").state == State::fail);
  CHECK(advises(judged(client, "certificate and key"), "serverAuth"));
  CertificateFile missing;
  missing.problem.text = "server.pem holds no certificate (PEM)";
  CHECK(judge_own_certificate(missing, "", now).size() == 1);
}

TEST_CASE("check certificates: a file that cannot be used says what to do") {
  std::set<std::vector<std::string>> remedies;
  for (const auto fault : {TlsFault::unusable_file, TlsFault::unusable_key, TlsFault::encrypted_key,
                           TlsFault::key_of_another, TlsFault::wrong_order, TlsFault::too_weak}) {
    CertificateFile unusable;
    unusable.key_name = "client_ca";
    unusable.problem = {"this is wrong", fault};
    for (const auto& found :
         {judge_other_certificate(unusable, now), judge_authorities(unusable, now),
          judge_own_certificate(unusable, "", now).front()}) {
      CHECK(found.state == State::fail);
      CHECK(found.reason == "this is wrong");
      CHECK_FALSE(found.remedy.empty());
      remedies.insert(found.remedy);
    }
  }
  CHECK(remedies.size() == 6);
}

TEST_CASE("check certificates: validity, of all in the file") {
  CHECK(judged(complete, "certificate validity").state == State::ok);
  CHECK(judged(file({certificate("CN=s", "CN=s", 13)}), "certificate validity").state ==
        State::warn);
  CHECK(judged(file({certificate("CN=s", "CN=s", 15)}), "certificate validity").state == State::ok);
  CHECK(judged(file({certificate("CN=s", "CN=s", -1)}), "certificate validity").state ==
        State::fail);
  const auto expired =
      judged(file({certificate("CN=s", "CN=i", 200), certificate("CN=i", "CN=i", -2)}),
             "certificate validity");
  CHECK(expired.state == State::fail);
  CHECK(contains(expired.reason, "CN=i"));
  CHECK_FALSE(advises(expired, "signed itself"));
  CHECK(advises(judged(file({certificate("CN=s", "CN=s", -1)}), "certificate validity"),
                "signed itself"));
  auto early = certificate("CN=s", "CN=s", 100);
  early.not_before = now + day;
  CHECK(judged(file({early}), "certificate validity").state == State::fail);
}

TEST_CASE("check certificates: of authorities one that is valid will do") {
  const auto next = certificate("CN=r", "CN=r", 3000);
  const auto last = certificate("CN=o", "CN=o", -2);
  CHECK(judge_authorities(file({next}), now).state == State::ok);
  CHECK(judge_authorities(file({last, next}), now).state == State::warn);
  CHECK(contains(judge_authorities(file({last, next}), now).reason, "1 of 2 are not valid now"));
  CHECK(judge_authorities(file({last, last}), now).state == State::fail);
  CertificateFile missing;
  missing.problem.text = "ca.pem holds no certificate (PEM)";
  CHECK(judge_authorities(missing, now).state == State::fail);
}

TEST_CASE("check certificates: the chain") {
  CHECK(judged(complete, "certificate chain").state == State::ok);
  const auto alone = file({certificate("CN=s", "CN=i", 200)});
  CHECK(judged(alone, "certificate chain").state == State::warn);
  CHECK(advises(judged(alone, "certificate chain"), ">> server.pem"));
  auto known = alone;
  known.root_known = true;
  CHECK(judged(known, "certificate chain").state == State::ok);
  auto broken = file({certificate("CN=s", "CN=i", 200), certificate("CN=x", "CN=x", 200)});
  broken.linked = 0;
  CHECK(judged(broken, "certificate chain").state == State::fail);
  CHECK_FALSE(contains(judged(broken, "certificate chain").reason, "signed"));
  auto another_key = complete;
  another_key.linked = 1;
  CHECK(contains(judged(another_key, "certificate chain").reason,
                 "behind it comes CN=r that has not signed it"));
}

TEST_CASE("check certificates: one that has signed itself, and may sign no other") {
  const Key key(EVP_EC_gen("P-256"));
  const auto own = make_certificate(*key, -day, day);
  const OpensslPtr<X509_EXTENSION, X509_EXTENSION_free> usage(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_key_usage, "digitalSignature"));
  X509_add_ext(own.get(), usage.get(), -1);
  REQUIRE(X509_sign(own.get(), key.get(), EVP_sha256()) > 0);
  CHECK(facts_of(*own).self_signed);
  CHECK(facts_of(*own).for_servers);
  CHECK_FALSE(is_issued_by(*own, *own));
  // Of the same name.
  const Key other_key(EVP_EC_gen("P-256"));
  const auto other = make_certificate(*other_key, -day, day);
  CHECK(is_issued_by(*other, *other));
  CHECK_FALSE(is_issued_by(*own, *other));
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
  other.chain[0].by_common_name = true;
  other.chain[0].names = {"127.0.0.1"};
  CHECK(judged(other, "certificate names", "127.0.0.1").reason ==
        "it has no subjectAltName, which replicas that verify it look at, but the common name "
        "127.0.0.1 only");
  CHECK(facts_of(*make_certificate(*Key(EVP_EC_gen("P-256")), -day, day)).by_common_name);
}

TEST_CASE("check certificates: dates and names as text") {
  CHECK(date_text(0) == "1970-01-01");
  CHECK(names_text(certificate("CN=s", "CN=s", 1)) == "sluice.example.com, 203.0.113.7");
  CHECK(names_text({}) == "no name");
}

#include "proxy/check/reach.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;
using sluice::proxy::MasterConfig;
using sluice::proxy::MasterFailure;
using sluice::proxy::MasterTlsMode;
using Stage = MasterFailure::Stage;

namespace {

constexpr std::time_t now = 1'800'000'000;

PresentedCertificate shown(int verdict = X509_V_OK, bool covers_host = true) {
  PresentedCertificate presented;
  presented.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  presented.certificate.subject = "CN=db";
  presented.certificate.issuer = "CN=authority";
  presented.certificate.names = {"db.example.com"};
  presented.certificate.not_after = now + 400L * 86400;
  presented.verdict = verdict;
  presented.covers_host = covers_host;
  return presented;
}

MasterConfig config(MasterTlsMode mode = MasterTlsMode::verify_identity) {
  MasterConfig made;
  made.host = "10.0.0.5";
  made.user = "relay";
  made.tls.mode = mode;
  return made;
}

ReachFacts failed(Stage stage, std::uint16_t code = 0) {
  ReachFacts facts;
  facts.address = "10.0.0.5:3306";
  facts.failure = {stage, code, "it did not work", {}};
  return facts;
}

}  // namespace

TEST_CASE("check reach: all is well") {
  ReachFacts facts;
  facts.address = "10.0.0.5:3306";
  facts.tls = "TLSv1.3 x";
  facts.presented = shown();
  const auto all = judge_reach(facts, config(), now);
  CHECK(all.size() == 3);
  for (const auto& one : all) CHECK(one.state == State::ok);
}

TEST_CASE("check reach: what fails first is the failure, what comes later is left out") {
  const auto lookup = judge_reach(failed(Stage::lookup), config(), now);
  CHECK(named(lookup, "reachable").state == State::fail);
  CHECK(advises(named(lookup, "reachable"), "getent hosts 10.0.0.5"));
  CHECK(named(lookup, "TLS").state == State::skip);
  CHECK(named(lookup, "login").state == State::skip);
  auto refused = failed(Stage::login, 1045);
  refused.presented = shown();
  const auto login = judge_reach(refused, config(), now);
  CHECK(named(login, "reachable").state == State::ok);
  CHECK(named(login, "TLS").state == State::ok);
  CHECK(named(login, "login").state == State::fail);
  // An error in the place of a greeting.
  const auto full = judge_reach(failed(Stage::login, 1040), config(), now);
  CHECK(named(full, "TLS").state == State::skip);
  CHECK(named(full, "login").state == State::fail);
}

TEST_CASE("check reach: an account to make, for that version") {
  auto facts = failed(Stage::login, 1045);
  const auto made = [&facts] { return named(judge_reach(facts, config(), now), "login"); };
  CHECK(made().remedy[1] == "CREATE USER 'relay'@'%' IDENTIFIED BY '...' REQUIRE SSL;");
  for (const auto* old : {"5.6.24", "10.1.48-MariaDB"}) {
    CAPTURE(old);
    facts.server = server(old);
    CHECK(made().remedy[1] == "CREATE USER 'relay'@'%' IDENTIFIED BY '...';");
    CHECK(made().remedy[2] ==
          "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'relay'@'%' REQUIRE SSL;");
  }
  facts.server = server("10.2.44-MariaDB");
  CHECK(made().remedy[1] == "CREATE USER 'relay'@'%' IDENTIFIED BY '...' REQUIRE SSL;");
  facts.failure->code = 1130;
  CHECK(made().remedy[0] == "CREATE USER 'relay'@'%' IDENTIFIED BY '...' REQUIRE SSL;");
  facts.failure->code = 1040;
  CHECK(made().remedy.front().starts_with("perror 1040 "));
  facts.failure->code = 0;
  CHECK(advises(made(), "error log"));
}

TEST_CASE("check reach: an account that is there already") {
  auto facts = failed(Stage::login, 1045);
  const auto made = [&facts] { return named(judge_reach(facts, config(), now), "login"); };
  CHECK(made().remedy.back() == "ALTER USER 'relay'@'%' IDENTIFIED BY '...';");
  for (const auto* old : {"5.6.24", "10.1.48-MariaDB"}) {
    facts.server = server(old);
    CHECK(made().remedy.back() == "SET PASSWORD FOR 'relay'@'%' = PASSWORD('...');");
  }
  facts.server = server("8.0.36");
  for (const auto locked : {std::uint16_t{3118}, std::uint16_t{4151}}) {
    facts.failure->code = locked;
    CHECK(made().remedy.back() == "ALTER USER 'relay'@'%' ACCOUNT UNLOCK;");
  }
  for (const auto expired : {std::uint16_t{1862}, std::uint16_t{1820}}) {
    facts.failure->code = expired;
    CHECK(made().remedy.back() == "ALTER USER 'relay'@'%' IDENTIFIED BY '...';");
    for (const auto& line : made().remedy) CHECK_FALSE(contains(line, "CREATE USER"));
  }
}

TEST_CASE("check reach: which certificate was shown and what would make it pass") {
  auto facts = failed(Stage::tls);
  const auto judged = [&facts] { return named(judge_reach(facts, config(), now), "TLS"); };
  CHECK(judged().state == State::fail);
  CHECK(advises(judged(), "ssl%"));

  facts.presented = shown(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  CHECK(contains(judged().reason, "CN=db for db.example.com, by CN=authority"));
  CHECK(advises(judged(), "ca = \"master-ca.pem\""));
  CHECK(advises(judged(), "openssl s_client -starttls mysql -showcerts -connect 10.0.0.5:3306"));
  CHECK_FALSE(advises(judged(), "verify-ca"));

  facts.presented = shown(X509_V_OK, false);
  CHECK(contains(judged().reason, "not for 10.0.0.5"));
  CHECK(advises(judged(), "host = \"db.example.com\""));
  CHECK(advises(judged(), "mode = \"verify-ca\""));

  facts.presented->certificate.names = {"MySQL_Server_9.7.4_Auto_Generated_Server_Certificate",
                                        "*.example.com", "localhost"};
  CHECK_FALSE(advises(judged(), "host ="));
  facts.presented->certificate.names.emplace_back("192.0.2.7");
  CHECK(advises(judged(), "host = \"192.0.2.7\""));
  facts.presented->verdict = X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
  CHECK(std::ranges::count(judged().remedy, "[relay.master.tls]") == 1);
  CHECK(advises(judged(), "mode = \"verify-ca\""));

  facts.presented = shown(X509_V_ERR_CERT_HAS_EXPIRED);
  CHECK(advises(judged(), "# restart it"));
  facts.server = server("8.0.36");
  CHECK(advises(judged(), "ALTER INSTANCE RELOAD TLS;"));
  facts.server = server("10.11.6-MariaDB");
  CHECK(advises(judged(), "FLUSH SSL;"));

  facts.presented = shown();
  facts.presented->tls = "TLSv1 AES256-SHA";
  CHECK(advises(judged(), "min_version = \"1.0\""));
}

TEST_CASE("check reach: a leg that is less safe than it could be") {
  ReachFacts facts;
  facts.tls = "none";
  CHECK(named(judge_reach(facts, config(MasterTlsMode::disabled), now), "TLS").state ==
        State::warn);
  facts.presented = shown();
  const auto required = named(judge_reach(facts, config(MasterTlsMode::required), now), "TLS");
  CHECK(required.state == State::warn);
  CHECK(advises(required, "verify-identity"));
  // The alerts and the warning at the start come no later.
  facts.presented->certificate.not_after = now + 22L * 86400;
  CHECK(named(judge_reach(facts, config(), now), "TLS").state == State::ok);
  facts.presented->certificate.not_after = now + 5L * 86400;
  CHECK(named(judge_reach(facts, config(), now), "TLS").state == State::warn);
}

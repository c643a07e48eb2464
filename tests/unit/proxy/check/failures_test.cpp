#include "proxy/check/failures.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;
using sluice::proxy::MasterFailure;
using sluice::proxy::MasterTarget;
using sluice::proxy::QueryError;
using Stage = MasterFailure::Stage;

TEST_CASE("check failures: a login that fails says what to do") {
  const MasterFailure denied{Stage::login, 1045, "1045 Access denied", {}};
  const auto other = judge_other_login("d'ba", denied);
  CHECK(other.state == State::fail);
  CHECK(other.reason == "1045 Access denied");
  CHECK(advises(other, "SELECT user, host FROM mysql.user WHERE user = 'd''ba';"));
  CHECK(advises(other, "on the master"));

  MasterTarget replica;
  replica.config.host = "db.example.com";
  replica.config.user = "admin";
  for (const auto& [stage, advice] :
       {std::pair(Stage::lookup, "getent hosts db.example.com"),
        std::pair(Stage::connect, "SELECT @@port, @@bind_address, @@skip_networking;"),
        std::pair(Stage::tls, "--replica-ca FILE"),
        std::pair(Stage::login, "WHERE user = 'admin';")}) {
    const auto found = judge_replica_login(replica, {stage, 0, "it did not work", {}});
    CHECK(found.state == State::fail);
    CHECK(found.reason == "db.example.com:3306: it did not work");
    CHECK(advises(found, advice));
  }
  CHECK(advises(judge_replica_tls("CA file x cannot be used"), "--replica-ca FILE"));
}

TEST_CASE("check failures: a question that is not answered says what to do") {
  const std::vector<std::string> account{"CREATE USER 'sluice_check'@'%' IDENTIFIED BY '...';"};
  const auto judged = [&account](std::uint16_t code) {
    return judge_unanswered("tables", QueryError{code, "why"}, account);
  };
  for (const auto denied : std::initializer_list<std::uint16_t>{1044, 1142, 1143})
    CHECK(judged(denied).remedy == account);
  CHECK(advises(judged(0), "error log"));
  CHECK(advises(judged(1146), "perror 1146"));
  for (const auto code : std::initializer_list<std::uint16_t>{0, 1044, 1146}) {
    CHECK(judged(code).state == State::fail);
    CHECK(judged(code).reason == "why");
    CHECK(judged(code).name == "tables");
  }
}

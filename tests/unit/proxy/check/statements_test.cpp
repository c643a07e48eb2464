#include "proxy/check/statements.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

TEST_CASE("certificates are loaded anew by a statement, or a restart") {
  const auto judge = [](std::string_view version) {
    const auto facts = server(version);
    return reload_tls(&facts);
  };
  CHECK(judge("8.0.16") == "ALTER INSTANCE RELOAD TLS;");
  CHECK(judge("8.0.15") == "# restart it");
  CHECK(judge("10.4.3-MariaDB") == "FLUSH SSL;");
  CHECK(judge("10.3.39-MariaDB") == "# restart it");
  CHECK(reload_tls(nullptr) == "# restart it");
}

TEST_CASE("a variable of the replica is a parameter where a service keeps it") {
  const auto old = server("5.7.22");
  const auto& own = rules_of(Cloud::mysql);
  CHECK(set_on_replica(rules_of(Cloud::rds), &old, "a", "1") == Lines{"# server parameter: a = 1"});
  CHECK(set_on_replica(own, nullptr, "a", "1") == Lines{"SET GLOBAL a = 1;"});
  CHECK(set_on_replica(own, &old, "a", "1").size() == 3);
}

TEST_CASE("an account is quoted in its two parts, a role in its one") {
  CHECK(quoted_account("relay@%") == "'relay'@'%'");
  CHECK(quoted_account("me@home@10.0.0.5") == "'me@home'@'10.0.0.5'");
  CHECK(quoted_account("o'neill@host") == "'o''neill'@'host'");
  CHECK(quoted_account("a_role") == "'a_role'");
}

#include "proxy/check/privileges.hpp"

#include "proxy/check/schema_facts.hpp"
#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

TEST_CASE("check grants: privileges and schemas, and no roles") {
  const auto grants = parse_grants(
      {"GRANT SELECT (`a`, `b`), REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `relay`@`%`",
       "GRANT BACKUP_ADMIN,CLONE_ADMIN ON *.* TO `relay`@`%`",
       "GRANT SELECT ON `ON *.* TO x`.* TO `relay`@`%`", "GRANT `r`@`%` TO `relay`@`%`",
       "GRANT PROXY ON ''@'' TO 'relay'@'%'", "garbage", "GRANT nothing"});
  CHECK(grants.has("REPLICATION SLAVE"));
  CHECK(grants.has("BINLOG MONITOR"));
  CHECK(grants.has("CLONE_ADMIN"));
  CHECK_FALSE(grants.has("SELECT"));
  CHECK(grants.roles);
  REQUIRE(grants.elsewhere.size() == 1);
  CHECK(grants.elsewhere[0] == "SELECT ON `ON *.* TO x`.*");
}

TEST_CASE("check grants: all privileges, and hashes that are not kept") {
  const auto all =
      parse_grants({"GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' IDENTIFIED BY PASSWORD "
                    "'*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19' WITH GRANT OPTION"});
  CHECK(all.has("EVENT"));
  CHECK(all.elsewhere.empty());
  CHECK(all.global.contains("GRANT OPTION"));
  const auto none = parse_grants({"GRANT USAGE ON *.* TO 'relay'@'%' REQUIRE SSL"});
  CHECK(none.global.empty());
  CHECK_FALSE(none.roles);
}

TEST_CASE("check privileges: too few, right, too many") {
  const auto judged = [](std::string_view version, std::vector<std::string> lines,
                         std::string plugin = "caching_sha2_password") {
    return judge_privileges(server(version),
                            {"relay", "relay@%", std::move(plugin), parse_grants(lines)});
  };
  const auto right =
      judged("8.0.36", {"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `relay`@`%`"});
  for (const auto& requirement : right) CHECK(requirement.state == State::ok);

  const auto few = judged("8.0.36", {"GRANT USAGE ON *.* TO `relay`@`%`"});
  CHECK(named(few, "REPLICATION SLAVE").state == State::fail);
  CHECK(advises(named(few, "REPLICATION SLAVE"),
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'relay'@'%';"));
  CHECK(named(few, "REPLICATION CLIENT").state == State::warn);

  const auto many = judged(
      "8.0.36", {"GRANT SUPER, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `relay`@`%`"});
  CHECK(named(many, "no other privileges").state == State::warn);
  CHECK(contains(named(many, "no other privileges").reason, "SUPER"));
  CHECK(
      named(judged("8.0.36", {"GRANT ALL PRIVILEGES ON *.* TO `relay`@`%`"}), "no other privileges")
          .state == State::warn);

  std::vector<std::string> more;
  for (int i = 10; i < 20; ++i) {
    more.push_back("GRANT SELECT ON `\u00fc\u00fc\u00fc\u00fc\u00fc" + std::to_string(i) +
                   "`.* TO `relay`@`%`");
  }
  const auto cut = named(judged("8.0.36", more), "no other privileges");
  CHECK(cut.reason.ends_with("15`.*, ..."));

  const auto by_role =
      named(judged("8.0.36", {"GRANT SUPER ON *.* TO `relay`@`%`", "GRANT `r`@`%` TO `relay`@`%`"}),
            "no other privileges");
  CHECK(by_role.remedy.back() == "SET DEFAULT ROLE NONE TO 'relay'@'%';");

  const auto native = named(judged("8.0.36", {}, "mysql_native_password"), "authentication");
  CHECK(native.state == State::warn);
  CHECK(named(judged("10.11.6-MariaDB", {}, "mysql_native_password"), "authentication").state ==
        State::ok);
}

TEST_CASE("check grants: what is taken back in a schema") {
  const auto grants = parse_grants({"GRANT SELECT, SHOW VIEW, EVENT, TRIGGER ON *.* TO `dba`@`%`",
                                    "REVOKE SELECT, SHOW VIEW ON `a FROM b`.* FROM `dba`@`%`",
                                    "REVOKE EVENT ON `mysql`.* FROM `dba`@`%`"});
  CHECK(grants.elsewhere.empty());
  CHECK(missing_for_tables(grants) == std::vector<std::string>{"SELECT ON `a FROM b`.*"});
  CHECK(missing_for_programs(server("9.7.4"), grants) ==
        std::vector<std::string>{"SELECT ON `a FROM b`.*", "SHOW VIEW ON `a FROM b`.*"});
}

TEST_CASE("check privileges: what is needed to see") {
  Grants grants;
  CHECK(missing_for_tables(grants) == std::vector<std::string>{"SELECT"});
  CHECK(missing_for_programs(server("8.0.36"), grants).size() == 5);
  CHECK(missing_for_programs(server("5.7.22"), grants).size() == 4);
  grants.global = {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"};
  CHECK(missing_for_tables(grants).empty());
  CHECK(missing_for_programs(server("8.0.36"), grants).empty());
}

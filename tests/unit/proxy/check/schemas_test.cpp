#include "proxy/check/programs.hpp"
#include "proxy/check/tables.hpp"
#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;
using sluice::filters::Reaction;

namespace {

const CloudRules& azure = rules_of(Cloud::azure);
const ServerFacts master = server("8.0.36");

Requirement judged(const SchemaFacts& facts, std::string_view name,
                   const ServerFacts* replica = nullptr, Cloud cloud = Cloud::azure,
                   sluice::filters::TableRequirements required = {}) {
  return named(judge_tables(facts, master, replica, required, rules_of(cloud)), name);
}

SchemaFacts keyless_tables(std::size_t number) {
  SchemaFacts facts;
  for (std::size_t i = 0; i < number; ++i) {
    TableFacts table{"app", "t" + std::to_string(i), "InnoDB"};
    table.primary_key = false;
    facts.tables.push_back(table);
  }
  return facts;
}

}  // namespace

TEST_CASE("check: patterns that name no table are likely slips") {
  const auto pattern = [](const char* text) { return *sluice::filters::TablePattern::parse(text); };
  SchemaFacts facts{{"app"}, {{"app", "t", "InnoDB"}}};
  facts.patterns = {{"ignore", pattern("app.cache%"), 2, 2},
                    {"ignore", pattern("App.log"), 0, 1},
                    {"ignore", pattern("mysql.%"), 0, 0},
                    {"only", pattern("shop.%"), 0, 0}};
  const auto found = judge_tables(facts, server("9.7.0"), nullptr, {}, rules_of(Cloud::mysql));
  REQUIRE(found.size() >= 4);
  CHECK(found[0].name == "ignore");
  CHECK(found[0].state == State::ok);
  CHECK(found[0].reason == "app.cache% names 2 tables");
  CHECK(found[1].state == State::warn);
  CHECK(found[1].reason.find("names no table that is there now; in other capitals") !=
        std::string::npos);
  CHECK(found[2].state == State::ok);  // the system schema's are not asked for
  CHECK(found[3].name == "only");
  CHECK(found[3].state == State::warn);
  CHECK(found[3].reason == "shop.% names no table that is there now");
  CHECK(advises(found[3], "FROM information_schema.tables;"));
}

TEST_CASE("check tables: primary keys, the first 20 named and the rest counted") {
  const SchemaFacts good{{"app"}, {{"app", "t", "InnoDB"}}};
  CHECK(judged(good, "primary keys").state == State::ok);
  const auto many = judged(keyless_tables(25), "primary keys");
  CHECK(many.state == State::warn);
  CHECK(contains(many.reason, "25 of 25 tables have none"));
  REQUIRE(many.remedy.size() == 24);
  CHECK(contains(many.remedy[0], "before the dump"));
  CHECK(many.remedy[3] ==
        "ALTER TABLE `app`.`t0` ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY "
        "INVISIBLE;");
  CHECK(many.remedy[23] == "-- and 5 more");
  CHECK(judged(keyless_tables(20), "primary keys").remedy.size() == 23);
  auto versioned = keyless_tables(1);
  versioned.tables[0].versioned = true;
  CHECK(advises(judged(versioned, "primary keys"), "alter_history = KEEP"));
  CHECK_FALSE(advises(judged(versioned, "primary keys"), "ALTER TABLE"));
}

TEST_CASE("check tables: what the relay or the replica refuses is a failure") {
  const auto strict = server("8.0.36", {{"sql_require_primary_key", "ON"}});
  CHECK(judged(keyless_tables(1), "primary keys", &strict).state == State::fail);
  CHECK(judged(keyless_tables(1), "primary keys", nullptr, Cloud::azure,
               {Reaction::refuse, Reaction::warn})
            .state == State::fail);
}

TEST_CASE("check tables: engines, whose severity is the cloud's") {
  const SchemaFacts mixed{{},
                          {{"a`b", "t", "MyISAM"}, {"app", "u", "CSV"}, {"app", "v", "InnoDB"}}};
  const auto found = judged(mixed, "InnoDB");
  CHECK(found.state == State::fail);
  CHECK(contains(found.reason, "2 of 3 tables are in MyISAM and others"));
  CHECK(found.remedy[0] == "ALTER TABLE `a``b`.`t` ENGINE = InnoDB;");
  CHECK(judged(mixed, "InnoDB", nullptr, Cloud::mysql).state == State::warn);
  CHECK(judged(mixed, "InnoDB", nullptr, Cloud::mysql, {Reaction::warn, Reaction::refuse}).state ==
        State::fail);
}

TEST_CASE("check tables: generated primary keys") {
  const auto off = server("8.0.36", {{"sql_generate_invisible_primary_key", "OFF"}});
  CHECK(judged(keyless_tables(1), "generated keys").state == State::warn);
  CHECK(judged(keyless_tables(1), "generated keys", &off).state == State::ok);
  CHECK(judged(keyless_tables(1), "generated keys", nullptr, Cloud::rds).state == State::ok);
  auto taken = keyless_tables(1);
  taken.tables[0].has_row_id_column = true;
  CHECK(judged(taken, "generated keys").state == State::fail);
  CHECK(advises(judged(taken, "generated keys"), "RENAME COLUMN my_row_id TO row_id;"));
  CHECK(judged(taken, "generated keys", &off).state == State::ok);
  taken.tables.push_back({"app", "keyed", "InnoDB", true, false, true});
  CHECK(contains(judged(taken, "generated keys").reason, "1 of 2 tables"));
  CHECK_FALSE(advises(judged(taken, "generated keys"), "keyed"));
  SchemaFacts generated{{}, {{"app", "t", "InnoDB", true, true, false}}};
  CHECK(contains(judged(generated, "generated keys").reason, "skip-generated"));
}

TEST_CASE("check tables: keys are made up from MySQL 8.0.30 on") {
  auto taken = keyless_tables(1);
  taken.tables[0].has_row_id_column = true;
  const auto judge = [&taken](const ServerFacts& here, const ServerFacts* replica = nullptr) {
    return named(judge_tables(taken, here, replica, {}, azure), "generated keys");
  };
  const auto old = server("5.7.22");
  const auto mariadb = server("10.11.6-MariaDB");
  CHECK(judge(old).state == State::ok);
  CHECK(judge(mariadb).state == State::ok);
  CHECK(judge(master, &old).state == State::ok);
  CHECK(judge(old, &master).state == State::fail);
  CHECK(advises(judge(old, &master), "CHANGE my_row_id row_id ...;"));
}

TEST_CASE("check tables: schemas that the replica has of its own") {
  CHECK(judged({{"app"}, {}}, "schema names").state == State::ok);
  const auto taken = judged({{"app", "sys"}, {}}, "schema names");
  CHECK(taken.state == State::fail);
  CHECK(advises(taken, "ignore = [\"sys.%\"]"));
  CHECK(judged({{"rdsadmin2"}, {}}, "schema names", nullptr, Cloud::rds).state == State::fail);
  CHECK(judged({{"rdsadmin2"}, {}}, "schema names").state == State::ok);
}

TEST_CASE("check programs: definers") {
  const std::vector<ProgramFacts> programs{{"view", "app", "v", "app@%"},
                                           {"trigger", "app", "t", "dba@%"},
                                           {"trigger", "app", "u", "dba@%"}};
  const auto judge = [&programs](const ReplicaPrograms& there) {
    return named(judge_programs(programs, master, nullptr, there, azure), "definers");
  };
  const auto unknown = judge({});
  CHECK(unknown.state == State::warn);
  CHECK(contains(unknown.reason, "app@% (1), dba@% (2)"));
  CHECK(advises(unknown, "CREATE USER 'dba'@'%' IDENTIFIED BY '...';"));
  CHECK(advises(unknown, "sed -E"));
  const auto some = judge({Accounts{{"dba@%"}, {}}, std::nullopt});
  CHECK(some.state == State::warn);
  CHECK_FALSE(advises(some, "dba"));
  CHECK(judge({Accounts{{"dba@%"}, {"app@%"}}, std::nullopt}).state == State::ok);
  const std::vector<ProgramFacts> of_role{{"procedure", "app", "p", "keeper"}};
  CHECK(advises(named(judge_programs(of_role, master, nullptr, {}, azure), "definers"),
                "CREATE ROLE 'keeper';"));
  CHECK(named(judge_programs({}, master, nullptr, {}, azure), "definers").state == State::ok);
}

TEST_CASE("check programs: functions and triggers that a service does not let restore") {
  const auto judge = [](const char* kind, const ServerFacts* replica, Cloud cloud) {
    const std::vector<ProgramFacts> programs{{kind, "app", "p", "app@%"}};
    return named(judge_programs(programs, master, replica, {}, rules_of(cloud)),
                 "log_bin_trust_function_creators");
  };
  constexpr const char* name = "log_bin_trust_function_creators";
  const auto off = server("8.0.36", {{"log_bin", "ON"}, {name, "OFF"}});
  const auto on = server("8.0.36", {{"log_bin", "ON"}, {name, "ON"}});
  const auto without_binlog = server("8.0.36", {{"log_bin", "OFF"}, {name, "OFF"}});
  CHECK(judge("function", nullptr, Cloud::azure).state == State::warn);
  CHECK(judge("trigger", &off, Cloud::rds).state == State::warn);
  CHECK(advises(judge("trigger", &off, Cloud::rds), "log_bin_trust_function_creators = ON"));
  CHECK(judge("function", &on, Cloud::azure).state == State::ok);
  CHECK(judge("function", &without_binlog, Cloud::azure).reason == "not needed");
  CHECK(judge("procedure", &off, Cloud::azure).state == State::ok);
  CHECK(judge("function", &off, Cloud::mysql).state == State::ok);
}

TEST_CASE("check programs: events that would run twice") {
  const std::vector<ProgramFacts> programs{{"event", "app", "e", "app@%", true},
                                           {"event", "app", "f", "app@%", false}};
  const auto judge = [&programs](const ServerFacts* replica, const ReplicaPrograms& there) {
    return named(judge_programs(programs, master, replica, there, azure), "events");
  };
  const auto off = server("8.0.36", {{"event_scheduler", "OFF"}});
  const auto on = server("8.4.1", {{"event_scheduler", "ON"}});
  CHECK(judge(nullptr, {}).state == State::warn);
  CHECK(judge(&off, {}).state == State::ok);
  const auto twice = judge(&on, {std::nullopt, programs});
  CHECK(twice.state == State::fail);
  CHECK(advises(twice, "ALTER EVENT `app`.`e` DISABLE ON REPLICA;"));
  CHECK_FALSE(advises(twice, "`f`"));
  CHECK(judge(&on, {std::nullopt, std::vector<ProgramFacts>{}}).state == State::ok);
  CHECK(named(judge_programs({}, master, nullptr, {}, azure), "events").state == State::ok);
}

TEST_CASE("check accounts: a to-do without secrets") {
  const Accounts accounts{
      {"app@10.%", "o'hara@%", "root@localhost", "relay@%", "mysql.sys@localhost", "@localhost"},
      {"keeper@%"}};
  const auto brief = judge_accounts(accounts, std::nullopt, "relay", false, azure);
  CHECK(brief.state == State::warn);
  CHECK(contains(brief.reason, "2 on the master"));
  CHECK(advises(brief, "--accounts"));
  const auto all = judge_accounts(accounts, std::nullopt, "relay", true, azure);
  REQUIRE(all.remedy.size() == 3);
  CHECK(all.remedy[1] == "CREATE USER 'app'@'10.%' IDENTIFIED BY '...';");
  CHECK(all.remedy[2] == "CREATE USER 'o''hara'@'%' IDENTIFIED BY '...';");
  CHECK(judge_accounts(accounts, accounts, "relay", true, azure).state == State::ok);
}

TEST_CASE("check accounts: the server's own are those of this machine alone") {
  const Accounts own{{"root@localhost", "root@127.0.0.1", "root@::1", "mysql@localhost",
                      "mariadb.sys@localhost", "mysql.session@localhost", "@localhost"},
                     {}};
  CHECK(judge_accounts(own, std::nullopt, "relay", true, azure).state == State::ok);
  const Accounts others{{"root@%", "root@10.0.0.7", "mysql@%", "rooted@localhost"}, {}};
  const auto found = judge_accounts(others, std::nullopt, "relay", true, azure);
  CHECK(contains(found.reason, "4 on the master"));
  for (const auto* account : {"'root'@'%'", "'root'@'10.0.0.7'", "'mysql'@'%'"}) {
    CHECK(advises(found, std::string("CREATE USER ") + account));
  }
}

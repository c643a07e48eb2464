#include "proxy/check/binlog.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

namespace {

const CloudRules& azure = rules_of(Cloud::azure);

Requirement judged(const ServerFacts& master, std::string_view name,
                   const ServerFacts* replica = nullptr, const CloudRules& cloud = azure,
                   const BinlogFacts& facts = {}) {
  return named(judge_binlog(master, replica, facts, cloud), name);
}

}  // namespace

TEST_CASE("check binlog: log_bin") {
  CHECK(judged(server("8.0.36", {{"log_bin", "ON"}}), "log_bin").state == State::ok);
  const auto off = judged(server("5.7.22", {{"log_bin", "OFF"}, {"server_id", "0"}}), "log_bin");
  CHECK(off.state == State::fail);
  CHECK(advises(off, "log_bin = binlog"));
  CHECK(advises(off, "server_id = 1001"));
  const auto skipped = judged(server("8.0.36", {{"log_bin", "OFF"}}), "log_bin");
  CHECK(advises(skipped, "skip_log_bin"));
  CHECK_FALSE(advises(skipped, "log_bin = binlog"));
  CHECK(off.source == azure.source);
}

TEST_CASE("check binlog: what a master that is a replica writes of what it receives") {
  const auto judge = [](const ServerFacts& master, std::string_view name,
                        std::optional<bool> is_replica) {
    return judged(master, name, nullptr, azure, {is_replica, "", "", ""});
  };
  const auto off = server("10.11.6-MariaDB", {{"log_slave_updates", "OFF"}});
  CHECK(judge(off, "log_slave_updates", false).state == State::ok);
  CHECK(judge(off, "log_slave_updates", std::nullopt).state == State::skip);
  BinlogFacts unseen;
  unseen.account = "relay@%";
  const auto grants = [&](std::string_view version) {
    return judged(server(version, {{"log_slave_updates", "OFF"}}), "log_slave_updates", nullptr,
                  azure, unseen);
  };
  CHECK(advises(grants("10.11.6-MariaDB"), "GRANT SLAVE MONITOR ON *.* TO 'relay'@'%';"));
  CHECK(advises(grants("10.4.6-MariaDB"), "GRANT REPLICATION CLIENT ON *.* TO 'relay'@'%';"));
  CHECK(advises(grants("5.7.22"), "GRANT REPLICATION CLIENT ON *.* TO 'relay'@'%';"));
  CHECK(judge(off, "log_slave_updates", true).state == State::fail);
  CHECK(advises(judge(off, "log_slave_updates", true), "log_slave_updates = ON"));
  const auto on = server("8.0.36", {{"log_replica_updates", "ON"}, {"log_slave_updates", "ON"}});
  CHECK(judge(on, "log_replica_updates", true).state == State::ok);
}

TEST_CASE("check binlog: schemas that are not in it") {
  const auto judge = [](const BinlogFacts& facts) {
    return judged(server("8.0.36"), "schemas in the binlog", nullptr, azure, facts);
  };
  CHECK(judge({}).state == State::skip);
  CHECK(judge({false, "", "", ""}).state == State::ok);
  CHECK(judge({false, "app", "", ""}).state == State::warn);
  CHECK(contains(judge({false, "app", "", ""}).reason, "only app (binlog_do_db)"));
  CHECK(contains(judge({false, "", "tmp", ""}).reason, "not tmp (binlog_ignore_db)"));
}

TEST_CASE("check binlog: the format, whose severity is the cloud's") {
  const auto mixed = server("8.0.36", {{"binlog_format", "MIXED"}});
  CHECK(judged(server("8.0.36", {{"binlog_format", "ROW"}}), "binlog_format").state == State::ok);
  CHECK(judged(mixed, "binlog_format").state == State::warn);
  CHECK(judged(mixed, "binlog_format", nullptr, rules_of(Cloud::cloudsql)).state == State::fail);
  CHECK(advises(judged(mixed, "binlog_format"), "SET PERSIST binlog_format = 'ROW';"));
  CHECK(advises(judged(mixed, "binlog_format"), "-- sessions that are open keep theirs"));
  const auto old = judged(server("5.6.24", {{"binlog_format", "STATEMENT"}}), "binlog_format");
  CHECK(advises(old, "SET GLOBAL binlog_format = 'ROW';"));
  CHECK(advises(old, "[mysqld]"));
}

TEST_CASE("check binlog: a replica that writes statements takes no rows") {
  using Variables = std::map<std::string, std::string, std::less<>>;
  const auto judge = [](const char* format, std::string_view version, Variables variables) {
    const auto replica = server(version, std::move(variables));
    return judged(server("8.0.36", {{"binlog_format", format}}), "binlog_format", &replica,
                  rules_of(Cloud::mysql));
  };
  const Variables statements{
      {"binlog_format", "STATEMENT"}, {"log_bin", "ON"}, {"log_replica_updates", "ON"}};
  const Variables old{
      {"binlog_format", "STATEMENT"}, {"log_bin", "ON"}, {"log_slave_updates", "ON"}};
  CHECK(judge("ROW", "8.0.36", statements).state == State::fail);
  CHECK(advises(judge("ROW", "8.0.36", statements), "SET PERSIST binlog_format = 'ROW';"));
  CHECK(judge("MIXED", "8.0.36", statements).state == State::fail);
  CHECK(judge("ROW", "5.7.22", old).state == State::fail);
  CHECK(judge("STATEMENT", "8.0.36", statements).state == State::warn);
  CHECK(judge("ROW", "10.11.6-MariaDB", old).state == State::ok);
  CHECK(judge("ROW", "8.0.36", {{"binlog_format", "STATEMENT"}, {"log_bin", "ON"}}).state ==
        State::ok);
  CHECK(judge("ROW", "8.0.36",
              {{"binlog_format", "MIXED"}, {"log_bin", "ON"}, {"log_replica_updates", "ON"}})
            .state == State::ok);
}

TEST_CASE("check binlog: image and checksum") {
  CHECK(judged(server("8.0.36", {{"binlog_row_image", "FULL"}}), "binlog_row_image").state ==
        State::ok);
  CHECK(judged(server("11.8.6-MariaDB", {{"binlog_row_image", "FULL_NODUP"}}), "binlog_row_image")
            .state == State::ok);
  CHECK(judged(server("8.0.36", {{"binlog_row_image", "MINIMAL"}}), "binlog_row_image").state ==
        State::warn);
  CHECK(judged(server("8.0.36", {{"binlog_checksum", "CRC32"}}), "binlog_checksum").state ==
        State::ok);
  CHECK(judged(server("8.0.36", {{"binlog_checksum", "NONE"}}), "binlog_checksum").state ==
        State::warn);
}

TEST_CASE("check binlog: compressed transactions need a replica that reads them") {
  constexpr std::string_view name = "binlog_transaction_compression";
  const auto on = server("8.0.36", {{"binlog_transaction_compression", "ON"}});
  const auto newer = server("8.0.36");
  const auto older = server("8.0.15");
  const auto mariadb = server("10.11.6-MariaDB");
  CHECK(judged(server("8.0.36", {{"binlog_transaction_compression", "OFF"}}), name).state ==
        State::ok);
  CHECK(judged(server("5.7.22"), name).state == State::skip);
  CHECK(judged(on, name).state == State::warn);
  CHECK(judged(on, name, &newer).state == State::ok);
  CHECK(judged(on, name, &older).state == State::fail);
  CHECK(judged(on, name, &mariadb).state == State::fail);
}

TEST_CASE("check binlog: server_id and server_uuid") {
  const auto master = server("8.0.36", {{"server_id", "7"}, {"server_uuid", "aa"}});
  const auto same = server("8.0.36", {{"server_id", "7"}, {"server_uuid", "aa"}});
  const auto other = server("8.0.36", {{"server_id", "8"}, {"server_uuid", "bb"}});
  CHECK(judged(server("8.0.36", {{"server_id", "0"}}), "server_id").state == State::fail);
  CHECK(judged(master, "server_id").state == State::ok);
  CHECK(judged(master, "server_id", &same).state == State::fail);
  CHECK(advises(judged(master, "server_id", &same), "# server parameter: server_id = 1002"));
  CHECK(advises(judged(master, "server_id", &same, rules_of(Cloud::mysql)), "SET PERSIST"));
  CHECK(judged(master, "server_id", &other).state == State::ok);
  CHECK(judged(master, "server_uuid", &same).state == State::fail);
  CHECK(judged(master, "server_uuid", &other).state == State::ok);
  CHECK(judged(server("10.11.6-MariaDB"), "server_uuid").state == State::skip);
}

TEST_CASE("check binlog: GTIDs") {
  const auto mode = [](const char* value) { return server("8.0.36", {{"gtid_mode", value}}); };
  CHECK(judged(mode("ON"), "gtid_mode").state == State::ok);
  CHECK(judged(mode("OFF"), "gtid_mode").state == State::ok);
  CHECK(contains(judged(mode("OFF"), "gtid_mode").reason, "high availability"));
  const auto imported = judged(mode("OFF"), "gtid_mode", nullptr, rules_of(Cloud::cloudsql));
  CHECK(imported.state == State::warn);
  CHECK(imported.remedy.back() == "SET PERSIST gtid_mode = ON;");
  CHECK(judged(mode("ON_PERMISSIVE"), "gtid_mode").state == State::warn);
  CHECK(judged(mode("ON_PERMISSIVE"), "gtid_mode").remedy ==
        std::vector<std::string>{"SET PERSIST enforce_gtid_consistency = ON;",
                                 "SET PERSIST gtid_mode = ON;"});
  const auto enforced =
      server("8.0.36", {{"gtid_mode", "ON_PERMISSIVE"}, {"enforce_gtid_consistency", "ON"}});
  CHECK(judged(enforced, "gtid_mode").remedy.size() == 1);
  CHECK(judged(mode("ON_PERMISSIVE"), "gtid_mode", nullptr, rules_of(Cloud::cloudsql)).state ==
        State::fail);
  CHECK(judged(server("10.11.6-MariaDB", {{"gtid_binlog_pos", "0-1-5"}}), "GTID").state ==
        State::ok);
}

TEST_CASE("check binlog: what one side writes with GTIDs, or without, the other one takes") {
  const auto judge = [](const char* here, const char* there, Cloud cloud = Cloud::mysql) {
    const auto replica = server("8.0.36", {{"gtid_mode", there}});
    return judged(server("8.0.36", {{"gtid_mode", here}}), "gtid_mode", &replica, rules_of(cloud));
  };
  for (const char* here : {"ON", "ON_PERMISSIVE"}) CHECK(judge(here, "OFF").state == State::fail);
  for (const char* here : {"OFF", "OFF_PERMISSIVE"}) CHECK(judge(here, "ON").state == State::fail);
  CHECK(judge("ON", "ON").reason == "ON, replica ON: by GTID, or by file and position");
  CHECK(judge("ON", "ON_PERMISSIVE").reason == "ON, replica ON_PERMISSIVE: by file and position");
  CHECK(judge("ON", "OFF_PERMISSIVE").state == State::ok);
  CHECK(judge("OFF", "ON_PERMISSIVE").state == State::ok);
  CHECK(judge("OFF", "OFF").state == State::ok);
  CHECK(judge("ON_PERMISSIVE", "ON").state == State::warn);
  CHECK(judge("OFF_PERMISSIVE", "OFF").state == State::warn);
  CHECK(judge("ON", "OFF").remedy ==
        std::vector<std::string>{
            "-- on the replica, in this order:", "SET PERSIST enforce_gtid_consistency = ON;",
            "SET PERSIST gtid_mode = OFF_PERMISSIVE;", "SET PERSIST gtid_mode = ON_PERMISSIVE;",
            "-- once SHOW STATUS LIKE 'ONGOING_ANONYMOUS_TRANSACTION_COUNT' tells 0 there:",
            "SET PERSIST gtid_mode = ON;"});
  CHECK(advises(judge("ON", "OFF", Cloud::azure), "# server parameter: gtid_mode = ON"));
  CHECK_FALSE(advises(judge("ON_PERMISSIVE", "OFF"), "gtid_mode = ON;"));
  CHECK(judge("OFF", "ON").remedy[1] == "SET PERSIST gtid_mode = ON_PERMISSIVE;");
  CHECK(judge("OFF", "ON").remedy.back() == "SET PERSIST gtid_mode = ON;");
  const auto old = server("5.6.24", {{"gtid_mode", "OFF"}});
  CHECK(advises(
      judged(server("5.6.24", {{"gtid_mode", "ON"}}), "gtid_mode", &old, rules_of(Cloud::mysql)),
      "then restart it"));
  const auto mariadb = server("10.11.6-MariaDB");
  CHECK(judged(server("8.0.36", {{"gtid_mode", "ON"}}), "gtid_mode", &mariadb).reason ==
        "ON: by file and position");
}

TEST_CASE("check binlog: how long it is kept") {
  const auto kept = [](std::string_view version,
                       std::map<std::string, std::string, std::less<>> variables) {
    return retention_hours(server(version, std::move(variables)));
  };
  CHECK(kept("8.0.36", {{"binlog_expire_logs_seconds", "7200"}, {"expire_logs_days", "0"}}) == 2);
  CHECK(kept("8.0.36", {{"binlog_expire_logs_seconds", "0"}, {"expire_logs_days", "0"}}) ==
        std::nullopt);
  CHECK(kept("8.0.36", {{"binlog_expire_logs_seconds", "0"}, {"expire_logs_days", "3"}}) == 72);
  CHECK(kept("8.0.36", {{"binlog_expire_logs_seconds", "60"},
                        {"binlog_expire_logs_auto_purge", "OFF"}}) == std::nullopt);
  CHECK(kept("5.7.22", {{"expire_logs_days", "0"}}) == std::nullopt);
  CHECK(kept("10.11.6-MariaDB", {{"expire_logs_days", "0.5"}}) == 12);

  const auto day = server("8.0.36", {{"binlog_expire_logs_seconds", "86400"}});
  const auto hour = server("8.0.36", {{"binlog_expire_logs_seconds", "3600"}});
  CHECK(judged(day, "binlog retention").state == State::ok);
  CHECK(judged(day, "binlog retention", nullptr, rules_of(Cloud::cloudsql)).state == State::warn);
  CHECK(judged(hour, "binlog retention").state == State::warn);
  CHECK(contains(judged(hour, "binlog retention").reason, "1 hours"));
  CHECK(advises(judged(hour, "binlog retention"), "binlog_expire_logs_seconds = 604800"));
  const auto in_days =
      server("8.0.36", {{"binlog_expire_logs_seconds", "0"}, {"expire_logs_days", "0.5"}});
  CHECK(judged(in_days, "binlog retention").remedy ==
        std::vector<std::string>{"SET PERSIST expire_logs_days = 0;",
                                 "SET PERSIST binlog_expire_logs_seconds = 604800;"});
}

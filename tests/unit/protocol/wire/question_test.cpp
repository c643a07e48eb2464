#include "protocol/wire/question.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sluice::wire;

namespace {

using Assignments = std::vector<Assignment>;

bool is_refused(std::string_view text) {
  return std::holds_alternative<RefusedQuestion>(parse_question(text));
}

}  // namespace

TEST_CASE("question: what replicas and their kin read") {
  for (const auto* text :
       {// replicas of every version
        "SELECT UNIX_TIMESTAMP()", "SELECT 1", "SHOW VARIABLES LIKE 'SERVER_ID'",
        "SELECT @@GLOBAL.SERVER_ID", "SELECT @master_binlog_checksum",
        "SELECT @source_binlog_checksum", "SELECT @@GLOBAL.GTID_MODE",
        "SHOW VARIABLES LIKE 'SERVER_UUID'", "SELECT @@GLOBAL.SERVER_UUID",
        "SHOW VARIABLES LIKE 'rpl_semi_sync_master_enabled'",
        "SELECT @@global.rpl_semi_sync_master_enabled",
        "SELECT @@global.rpl_semi_sync_source_enabled", "SELECT @@GLOBAL.gtid_domain_id",
        "SELECT binlog_gtid_pos('binlog.000001',99999999)", "SELECT VERSION()",
        // go-mysql, binlog-connector-java, python-mysql-replication
        "SHOW GLOBAL VARIABLES LIKE 'BINLOG_CHECKSUM'",
        "SHOW VARIABLES WHERE Variable_name IN ('rpl_semi_sync_master_enabled', "
        "'rpl_semi_sync_source_enabled')",
        "SHOW VARIABLES WHERE `Variable_name` = 'server_id'",
        "show global variables like 'gtid_purged'", "show master status", "show binary log status",
        "SHOW BINLOG STATUS", "SHOW BINARY LOGS", "show master logs", "select @@server_id",
        "SHOW VARIABLES LIKE 'BINLOG_ROW_METADATA';",
        // Sluice
        "SELECT @@GLOBAL.lower_case_table_names",
        // blanks and lists
        "  select\t@@session.server_id ,\n@@global.server_uuid ; ",
        "SELECT binlog_gtid_pos ( \"f\" , 4 )"}) {
    CAPTURE(text);
    const auto question = parse_question(text);
    const auto* forward = std::get_if<ForwardQuestion>(&question);
    REQUIRE(forward != nullptr);
    CHECK(forward->assignments.empty());
  }
}

TEST_CASE("question: what replicas and their kin set") {
  struct Case {
    const char* text;
    Assignments expected;
  };
  const Assignments period{{Setting::heartbeat_period, "30000000000"}};
  const Assignments checksum{{Setting::binlog_checksum, "@@global.binlog_checksum"}};
  const Assignments none{{Setting::binlog_checksum, "NONE"}};
  const std::string uuid = "9aac8267-e697-11f1-944c-02fc00000001";
  const Case cases[] = {
      {"SET @master_heartbeat_period= 30000000000", period},
      {"SET @master_heartbeat_period = 30000000000, @source_heartbeat_period = 30000000000",
       {period[0], period[0]}},
      {"SET @master_binlog_checksum= @@global.binlog_checksum", checksum},
      {"SET @master_binlog_checksum = @@global.binlog_checksum, "
       "@source_binlog_checksum = @@global.binlog_checksum",
       {checksum[0], checksum[0]}},
      {"SET @master_binlog_checksum='NONE'", none},
      {"set @MASTER_BINLOG_CHECKSUM := 'NONE' ;", none},
      {"SET @slave_uuid= '9aac8267-e697-11f1-944c-02fc00000001'", {{Setting::replica_uuid, uuid}}},
      {"SET @slave_uuid = '9aac8267-e697-11f1-944c-02fc00000001', "
       "@replica_uuid = '9aac8267-e697-11f1-944c-02fc00000001'",
       {{Setting::replica_uuid, uuid}, {Setting::replica_uuid, uuid}}},
      {"SET @rpl_semi_sync_slave= 1", {{Setting::semi_sync_replica, "1"}}},
      {"SET @rpl_semi_sync_replica = 1, @rpl_semi_sync_slave = 1",
       {{Setting::semi_sync_replica, "1"}, {Setting::semi_sync_replica, "1"}}},
      {"SET @mariadb_slave_capability=4", {{Setting::mariadb_capability, "4"}}},
      {"SET @slave_connect_state='0-1-5,7-2-9'", {{Setting::connect_state, "0-1-5,7-2-9"}}},
      {"SET @slave_connect_state=''", {{Setting::connect_state, ""}}},
      {"SET @slave_gtid_strict_mode=0", {{Setting::gtid_strict_mode, "0"}}},
      {"SET @slave_gtid_ignore_duplicates=1", {{Setting::gtid_ignore_duplicates, "1"}}},
      {"SET @slave_until_gtid='0-1-5'", {{Setting::until_gtid, "0-1-5"}}},
      {"SET @slave_gtid_until_before_gtids=0", {{Setting::until_before_gtids, "0"}}},
      {"SET @slave_connect_state_domain_ids_ignore='1,2'", {{Setting::ignored_domains, "1,2"}}},
      {"SET @slave_connect_state_domain_ids_do=''", {{Setting::wanted_domains, ""}}},
      {"SET skip_replication=1", {{Setting::skip_replication, "1"}}},
      {"set net_write_timeout=600", {{Setting::net_write_timeout, "600"}}},
      {"set session net_read_timeout=600", {{Setting::net_read_timeout, "600"}}},
      {"SET @@session.net_read_timeout = 600", {{Setting::net_read_timeout, "600"}}},
      {"SET AUTOCOMMIT = 0", {{Setting::autocommit, "0"}}},
      {"SET NAMES utf8mb4", {{Setting::names, "utf8mb4"}}},
      {"SET NAMES 'utf8mb4' COLLATE 'utf8mb4_general_ci'", {{Setting::names, "utf8mb4"}}},
  };
  for (const auto& sample : cases) {
    const auto& text = sample.text;
    const auto& expected = sample.expected;
    CAPTURE(text);
    const auto question = parse_question(text);
    const auto* forward = std::get_if<ForwardQuestion>(&question);
    REQUIRE(forward != nullptr);
    CHECK(forward->assignments == expected);
  }
}

TEST_CASE("question: KILL") {
  for (const auto* text :
       {"KILL 15", "kill connection 15;", "KILL HARD 15", "KILL SOFT CONNECTION 15"}) {
    CAPTURE(text);
    const auto question = parse_question(text);
    const auto* kill = std::get_if<KillQuestion>(&question);
    REQUIRE(kill != nullptr);
    CHECK(kill->thread_id == 15);
  }
  for (const auto* text : {"KILL", "KILL QUERY 15", "KILL 'x'", "KILL @a", "KILL 1 2", "KILL -1",
                           "KILL 99999999999999999999", "KILL USER root", "`KILL` 15"}) {
    CAPTURE(text);
    CHECK(is_refused(text));
  }
}

TEST_CASE("question: everything else is refused") {
  for (const auto* text :
       {"", " ", ";", "SELECT", "SELECT 1 x", "SELECT -1", "SELECT 1 FROM mysql.user", "SELECT *",
        "SELECT user FROM mysql.user", "SELECT @@GLOBAL.SERVER_ID FROM mysql.user",
        "SELECT @@datadir", "SELECT @@global.hostname", "SELECT @@persist.server_id",
        "SELECT @@a.b.server_id", "SELECT @@ server_id", "SELECT @@", "SELECT @", "SELECT @x",
        "SELECT @slave_uuid", "SELECT @'slave_uuid'", "SELECT @master_binlog_checksum.x",
        "SELECT SLEEP(10)", "SELECT VERSION", "SELECT VERSION(1)",
        "SELECT UNIX_TIMESTAMP(), SLEEP(5)", "SELECT UNIX_TIMESTAMP() INTO OUTFILE 'x'",
        "SELECT UNIX_TIMESTAMP(),", "SELECT binlog_gtid_pos('f')", "SELECT binlog_gtid_pos(4,4)",
        "SELECT binlog_gtid_pos('f',4", "SELECT VERSION() AS v", "(SELECT VERSION())",
        // more than one statement
        "SELECT VERSION(); DROP TABLE t", "SELECT VERSION();;", "SELECT VERSION();SELECT VERSION()",
        // comments
        "SELECT /* x */ VERSION()", "SELECT VERSION() -- x", "SELECT VERSION() # x",
        "/*!50000 SELECT VERSION() */", "SELECT VERSION() /*!50000 , SLEEP(9) */",
        // SHOW
        "SHOW", "SHOW VARIABLES", "SHOW VARIABLES LIKE '%'", "SHOW VARIABLES LIKE 'server%'",
        "SHOW VARIABLES LIKE 'server\\_id'", "SHOW VARIABLES LIKE server_id",
        "SHOW VARIABLES LIKE 'server_id' OR 1", "SHOW VARIABLES LIKE 'datadir'",
        "SHOW VARIABLES WHERE Value = 'x'", "SHOW VARIABLES WHERE Variable_name IN ()",
        "SHOW VARIABLES WHERE Variable_name IN ('datadir')",
        "SHOW VARIABLES WHERE Variable_name IN ('server_id'", "SHOW GRANTS", "SHOW DATABASES",
        "SHOW PROCESSLIST", "SHOW SLAVE STATUS", "SHOW SLAVE HOSTS", "SHOW BINLOG EVENTS",
        "SHOW BINARY", "SHOW GLOBAL MASTER STATUS", "SHOW STATUS LIKE 'server_id'",
        // SET
        "SET", "SET @a=1", "SET @slave_uuid", "SET @slave_uuid=", "SET @slave_uuid=1",
        "SET @slave_uuid='x y'", "SET @slave_uuid=UUID()", "SET @slave_uuid=(SELECT 1)",
        "SET @slave_uuid='a' 'b'", "SET @slave_uuid='a''b'", "SET @slave_uuid='a\\'b'",
        "SET @slave_uuid='a", "SET @slave_uuid='a\"", "SET @slave_uuid='abc',",
        "SET @slave_uuid='abc', @x=1", "SET @slave_uuid=@@global.server_uuid",
        "SET @master_heartbeat_period=-1", "SET @master_heartbeat_period='1'",
        "SET @master_heartbeat_period=1e9", "SET @master_heartbeat_period=1.5",
        "SET @master_heartbeat_period=111111111111111111111",
        "SET @master_heartbeat_period=1+SLEEP(9)", "SET @master_binlog_checksum=@@global.datadir",
        "SET @master_binlog_checksum=@@session.binlog_checksum",
        "SET @master_binlog_checksum='CRC64'", "SET @slave_connect_state='0-1-x'",
        "SET GLOBAL net_write_timeout=1", "SET @@global.net_write_timeout=1",
        "SET PERSIST autocommit=1", "SET sql_log_bin=0", "SET global general_log=1",
        "SET PASSWORD='x'", "SET NAMES", "SET NAMES 4", "SET NAMES utf8 utf8",
        "SET NAMES utf8, @slave_uuid='a'", "SET NAMES 'a b'", "SET SESSION @slave_uuid='a'",
        "SET TRANSACTION READ ONLY",
        // other verbs
        "DROP TABLE t", "CREATE USER x", "BEGIN", "COMMIT", "FLUSH LOGS", "CALL p()", "DO 1",
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE t", "PURGE BINARY LOGS TO 'x'", "BINLOG 'x'",
        // bytes
        "SELECT VERSION()\x80", "SET NAMES '\xff'", "SELECT\xa0VERSION()", "SELECT\x0bVERSION()"}) {
    CAPTURE(text);
    CHECK(is_refused(text));
  }
  CHECK(is_refused(std::string_view("SELECT VERSION()\0", 17)));
  CHECK(is_refused(std::string_view("SET NAMES 'utf8\0'", 17)));
}

TEST_CASE("question: every truncation is refused or means less") {
  const std::string whole =
      "SET @master_binlog_checksum = @@global.binlog_checksum, @source_binlog_checksum = 'NONE'";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string part = whole.substr(0, size);
    CAPTURE(part);
    const auto question = parse_question(part);
    const bool first_alone = part == whole.substr(0, whole.find(','));
    CHECK(std::holds_alternative<ForwardQuestion>(question) == first_alone);
  }
}

TEST_CASE("question: a long state is no trouble, a deep one does not exist") {
  std::string state = "SET @slave_connect_state='0-1-1";
  for (int i = 0; i < 20000; ++i) state += ",1-2-3";
  CHECK(std::holds_alternative<ForwardQuestion>(parse_question(state + "'")));
  CHECK(is_refused(state));
  CHECK(is_refused("SELECT " + std::string(100000, '(')));
}

TEST_CASE("question: settings have names") {
  CHECK(setting_name(Setting::replica_uuid) == "replica_uuid");
  CHECK(setting_name(Setting::names) == "names");
}

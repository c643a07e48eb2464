#include "proxy/link/dump.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "unit/proxy/temp_folder.hpp"

using namespace sluice::proxy::link;

namespace {

sluice::proxy::Parsed<Coordinates> read(const std::string& text, bool with_gtids = true) {
  DumpReader reader(with_gtids);
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line) && reader.take(line)) {
  }
  return reader.finish();
}

constexpr const char* uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

}  // namespace

TEST_CASE("link: what mysqldump writes, old and new, in comments and as statements") {
  const auto old = read(
      "-- MySQL dump 10.13\n"
      "SET @@GLOBAL.GTID_PURGED='3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5,\n"
      "4e11fa47-71ca-11e1-9e33-c80aa9429562:1-3';\n"
      "-- CHANGE MASTER TO MASTER_LOG_FILE='mysql-bin.000007', MASTER_LOG_POS=4711;\n");
  REQUIRE(old.has_value());
  CHECK(old->file == "mysql-bin.000007");
  CHECK(old->position == 4711);
  CHECK(old->gtids == std::string(uuid) + ":1-5,4e11fa47-71ca-11e1-9e33-c80aa9429562:1-3");
  CHECK(old->restored);

  const auto fresh = read(
      "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';\n"
      "CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='binlog.000002', SOURCE_LOG_POS=157;\n");
  REQUIRE(fresh.has_value());
  CHECK(fresh->file == "binlog.000002");
  CHECK(fresh->gtids == std::string(uuid) + ":1-5");

  const auto commented =
      read("/* SET @@GLOBAL.GTID_PURGED='+3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';*/\n");
  REQUIRE(commented.has_value());
  CHECK(commented->gtids == std::string(uuid) + ":1-5");
  CHECK_FALSE(commented->restored);
}

TEST_CASE("link: what mariadb-dump writes") {
  const auto found = read(
      "-- CHANGE MASTER TO MASTER_USE_GTID=slave_pos;\n"
      "-- SET GLOBAL gtid_slave_pos='0-1-3';\n"
      "-- CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=1234;\n");
  REQUIRE(found.has_value());
  CHECK(found->file == "binlog.000001");
  CHECK(found->gtids == "0-1-3");
}

TEST_CASE("link: what --dump-slave writes, with the name of each connection") {
  const std::string one =
      "-- CHANGE MASTER '' TO MASTER_USE_GTID=slave_pos;\n"
      "-- CHANGE MASTER '' TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=1234;\n";
  const std::string rows = "\n--\n-- Current Database: `app`\n--\n\nCREATE DATABASE app;\n";
  const auto found = read(one + rows, false);
  REQUIRE(found.has_value());
  CHECK(found->file == "binlog.000001");
  CHECK(found->position == 1234);
  CHECK(read(one + one + rows, false).has_value());
  for (const char* other : {"-- CHANGE MASTER 'b' TO MASTER_LOG_FILE='binlog.000002', ",
                            "CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', "}) {
    const auto several = read(one + other + "MASTER_LOG_POS=12345;\n" + rows, false);
    REQUIRE_FALSE(several.has_value());
    CHECK(several.error().why ==
          "names several positions: give the right one with --position or --gtid");
  }
}

TEST_CASE("link: GTIDs at the end of a dump are looked for only if they are wanted") {
  const std::string text =
      "-- CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=1234;\n"
      "INSERT INTO t VALUES ('CHANGE MASTER TO');\n"
      "SET @@GLOBAL.GTID_PURGED='3e11fa47-71ca-11e1-9e33-c80aa9429562:1';\n";
  CHECK(read(text)->gtids);
  CHECK_FALSE(read(text, false)->gtids);
}

TEST_CASE("link: mydumper's metadata, old and new") {
  const auto old = read(
      "Started dump at: 2026-11-25 10:00:00\n"
      "SHOW MASTER STATUS:\n\tLog: binlog.000003\n\tPos: 328\n\tGTID:0-1-7\n\n"
      "SHOW SLAVE STATUS:\n\tHost: other\n\tLog: other.000001\n\tPos: 4\n\tGTID:0-2-9\n\n"
      "Finished dump at: 2026-11-25 10:00:01\n");
  REQUIRE(old.has_value());
  CHECK(old->file == "binlog.000003");
  CHECK(old->position == 328);
  CHECK(old->gtids == "0-1-7");

  const auto fresh = read(
      "# Started dump at: 2026-11-25 10:00:00\n"
      "[config]\nquote-character = BACKTICK\n"
      "[source]\n# Channel_Name = '' # It can be use to setup replication FOR CHANNEL\n"
      "File = binlog.000003\nPosition = 328\n"
      "Executed_Gtid_Set = \"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\"\n"
      "[`app`.`t`]\nrows = 1\nFile = no\n");
  REQUIRE(fresh.has_value());
  CHECK(fresh->file == "binlog.000003");
  CHECK(fresh->position == 328);
  CHECK(fresh->gtids == std::string(uuid) + ":1-5");
}

TEST_CASE("link: MySQL Shell's @.json") {
  const auto found = read(
      "{\n\"dumper\": \"mysqlsh Ver 8.0.36\",\n\"gtidExecuted\": "
      "\"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\",\n\"binlogFile\": \"binlog.000002\",\n"
      "\"binlogPosition\": 157\n}\n");
  REQUIRE(found.has_value());
  CHECK(found->file == "binlog.000002");
  CHECK(found->position == 157);
  CHECK(found->gtids == std::string(uuid) + ":1-5");
  CHECK_FALSE(found->restored);
}

TEST_CASE("link: a dump of MySQL Shell that is not of one moment") {
  const auto dump = [](const std::string& more) {
    return "{\"binlogFile\": \"b.1\", \"binlogPosition\": 157, \"gtidExecuted\": \"" +
           std::string(uuid) + ":1-5\", " + more + "}";
  };
  CHECK(read(dump("\"consistent\": true, \"gtidExecutedInconsistent\": false")).has_value());
  const auto inconsistent =
      read(dump("\"consistent\": false, \"gtidExecutedInconsistent\": true"), false);
  REQUIRE_FALSE(inconsistent.has_value());
  CHECK(inconsistent.error().why.starts_with("was made with consistent: false"));
  const std::string gtids = dump("\"consistent\": true, \"gtidExecutedInconsistent\": true");
  CHECK(read(gtids, false).has_value());
  REQUIRE_FALSE(read(gtids).has_value());
  CHECK(read(gtids).error().why.ends_with("link it by file and position"));
}

TEST_CASE("link: a GTID set without an end is given up") {
  DumpReader reader(true);
  CHECK(reader.take("SET @@GLOBAL.GTID_PURGED='"));
  const std::string line(std::size_t{64} << 10, '1');
  for (int lines = 0; lines < 1024; ++lines) CHECK(reader.take(line));  // 64 MiB
  CHECK(reader.take("CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=4;"));
  const auto found = reader.finish();
  REQUIRE(found.has_value());
  CHECK(found->file == "binlog.000001");
  CHECK_FALSE(found->gtids);
}

TEST_CASE("link: a GTID set in a line that is longer than lines are looked at") {
  std::string set = std::string(uuid) + ":1";
  while (set.size() < 70'000) set += ":" + std::to_string(set.size());
  std::string position = "0-1-7";
  while (position.size() < 70'000) position += "," + std::to_string(position.size()) + "-1-7";
  const std::string file = "CHANGE MASTER TO MASTER_LOG_FILE='b.1', MASTER_LOG_POS=4;\n";
  const std::pair<std::string, std::string> dumps[] = {
      {set, "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '" + set + "';\n" + file},
      {set, "/* SET @@GLOBAL.GTID_PURGED='+" + set + "';*/\n" + file},
      {set, "SET @@GLOBAL.GTID_PURGED='4e11fa47-71ca-11e1-9e33-c80aa9429562:1,\n" + set + "';\n"},
      {position, "-- SET GLOBAL gtid_slave_pos='" + position + "';\n" + file},
      {set, "# Started dump at: x\n[source]\nFile = b.1\nPosition = 4\nExecuted_Gtid_Set = \"" +
                set + "\"\n"},
      {set, "Started dump at: x\nSHOW MASTER STATUS:\n\tLog: b.1\n\tPos: 4\n\tGTID:" + set +
                "\n\nFinished dump at: y\n"},
      {set, "{\"binlogFile\": \"b.1\", \"binlogPosition\": 4, \"gtidExecuted\": \"" + set + "\"}"},
  };
  const sluice::test::TempFolder folder;
  for (const auto& [whole, text] : dumps) {
    CAPTURE(text.substr(0, 60));
    folder.write("dump.sql", text);
    const auto found = read_dump(folder.file("dump.sql"), true);
    REQUIRE(found.has_value());
    REQUIRE(found->gtids);
    CHECK(found->gtids->ends_with(whole));
  }
}

TEST_CASE("link: a long line of rows is cut, and what follows is read") {
  const sluice::test::TempFolder folder;
  folder.write("dump.sql", "INSERT INTO t VALUES ('" + std::string(1 << 20, 'x') +
                               "');\nSET @@GLOBAL.GTID_PURGED='" + uuid + ":1-5';\n");
  const auto found = read_dump(folder.file("dump.sql"), true);
  REQUIRE(found.has_value());
  CHECK(found->gtids == std::string(uuid) + ":1-5");
}

TEST_CASE("link: what a stored program has in its text is not what the dump says") {
  const std::string file = "-- CHANGE MASTER TO MASTER_LOG_FILE='b.1', MASTER_LOG_POS=4;\n";
  const std::string text =
      "CHANGE MASTER TO MASTER_LOG_FILE='other.7', MASTER_LOG_POS=4711;\n"
      "CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='other.7', SOURCE_LOG_POS=4711;\n"
      "SET GLOBAL gtid_slave_pos='0-9-9';\n"
      "SET @@GLOBAL.GTID_PURGED='3e11fa47-71ca-11e1-9e33-c80aa9429562:9';\n";
  const std::string program =
      "DELIMITER ;;\nCREATE PROCEDURE p()\nBEGIN\n" + text + "END ;;\nDELIMITER ;\n";
  REQUIRE_FALSE(read(program).has_value());
  CHECK(read(program).error().why.starts_with("names no coordinates"));
  const auto found =
      read(file + program + "SET @@GLOBAL.GTID_PURGED='3e11fa47-71ca-11e1-9e33-c80aa9429562:1';\n");
  REQUIRE(found.has_value());
  CHECK(found->file == "b.1");
  CHECK(found->gtids == std::string(uuid) + ":1");
  for (const char* data : {"USE `app`;\n", "CREATE TABLE t (\n", "INSERT INTO t VALUES (1);\n"}) {
    CHECK_FALSE(read(std::string(data) + file, false).has_value());
  }
}

TEST_CASE("link: files that name no coordinates") {
  for (const char* text : {"", "SELECT 1;\n", "{}", "{\"binlogFile\": 7}", "[source]\nFile = a\n",
                           "Started dump at: x\nFinished dump at: y\n",
                           "CHANGE MASTER TO MASTER_LOG_FILE='a', MASTER_LOG_POS=x;\n",
                           "CHANGE MASTER TO MASTER_LOG_FILE='a', MASTER_LOG_POS=0;\n",
                           "SET @@GLOBAL.GTID_PURGED=1;\n", "CHANGE MASTER TO MASTER_LOG_FILE='",
                           "{\"binlogFile\": \"a\", \"binlogPosition\": -5}",
                           "{\"binlogFile\": \"a\", \"binlogPosition\": 1.5}",
                           "{\"binlogFile\": \"a\", \"binlogPosition\": 1e300}"}) {
    CAPTURE(text);
    const auto found = read(text);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().why.starts_with("names no coordinates: mysqldump writes them with"));
  }
}

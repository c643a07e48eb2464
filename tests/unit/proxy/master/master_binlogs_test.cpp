#include "proxy/master/master_binlogs.hpp"

#include <doctest/doctest.h>

using sluice::proxy::MasterBinlogs;
using sluice::proxy::parse_binary_logs;
using sluice::wire::ResultSet;

namespace {

ResultSet answer(std::vector<sluice::wire::Row> rows) {
  ResultSet set;
  set.rows = std::move(rows);
  return set;
}

}  // namespace

TEST_CASE("what is left of the master's binlog") {
  // MySQL 8.0 and later tell in a third column whether a file is encrypted.
  const auto binlogs = parse_binary_logs(answer({{"binlog.000009", "1000", "No"},
                                                 {"binlog.000010", "500", "No"},
                                                 {"binlog.000011", "300", "No"}}));
  REQUIRE(binlogs.files.size() == 3);
  CHECK(binlogs.bytes_behind("binlog.000009", 4) == 996 + 500 + 300);
  CHECK(binlogs.bytes_behind("binlog.000010", 500) == 300);
  CHECK(binlogs.bytes_behind("binlog.000011", 200) == 100);

  SUBCASE("a place behind the end") {
    CHECK(binlogs.bytes_behind("binlog.000011", 301) == 0);
    CHECK(binlogs.bytes_behind("binlog.000012", 4) == 0);
    CHECK(binlogs.bytes_behind("binlog.1000000", 4) == 0);
  }
  SUBCASE("a place that is not there") {
    CHECK(binlogs.bytes_behind("binlog.000008", 4) == std::nullopt);
    CHECK(binlogs.bytes_behind("mysql-bin.000010", 4) == std::nullopt);
    CHECK(binlogs.bytes_behind("", 0) == std::nullopt);
    CHECK(MasterBinlogs{}.bytes_behind("binlog.000009", 4) == std::nullopt);
  }
}

TEST_CASE("files that have all of their size from the beginning tell nothing") {
  const auto binlogs = parse_binary_logs(
      answer({{"binlog-000000.ibb", "1073741824"}, {"binlog-000001.ibb", "1073741824"}}));
  CHECK(binlogs.bytes_behind("binlog-000000.ibb", 1'000) == std::nullopt);
}

TEST_CASE("answers that are no list of files") {
  CHECK(parse_binary_logs(answer({})).files.empty());
  CHECK(parse_binary_logs(answer({{"binlog.000001"}})).files.empty());
  CHECK(parse_binary_logs(answer({{"binlog.000001", std::nullopt}})).files.empty());
  CHECK(parse_binary_logs(answer({{"binlog.000001", "12x"}})).files.empty());
  CHECK(parse_binary_logs(answer({{"binlog.000001", "-1"}})).files.empty());
  CHECK(parse_binary_logs(answer({{"binlog.000001", ""}})).files.empty());
}

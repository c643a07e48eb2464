#include "proxy/inspect/inspection.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "protocol/binlog/rows_event.hpp"
#include "unit/protocol/binlog/payload_builder.hpp"
#include "unit/proxy/temp_folder.hpp"
#include "unit/test_data.hpp"

using namespace sluice;
using namespace sluice::proxy;
using namespace sluice::proxy::inspect;
using test::BinlogBuilder;

namespace {

/// What a dump carries, as a binlog file.
std::string file_of(const BinlogBuilder& builder) {
  std::string file =
      "\xfe"
      "bin";
  const auto events = test::read_events(builder.stream());
  for (std::size_t i = 1; i < events.size(); ++i) file += events[i].text();  // 0: made-up ROTATE
  return file;
}

BinlogBuilder a_log(bool crc = true) {
  BinlogBuilder builder({"9.7.4", 42, crc, false});
  builder.begin_dump();
  builder.standalone_gtid().query("CREATE USER u IDENTIFIED BY 'TOPSECRET'", "");
  builder.begin()
      .rows_query("UPDATE both")
      .table_map(1, "app", "t\x1b[2J")
      .table_map(2, "mysql", "x");
  builder.rows(2, false)
      .rows(1, true,
            std::string("\0\x07\0\0\0\x03"
                        "abc",
                        9))
      .xid();
  builder.standalone_gtid().query("CREATE TABLE t (a INT)");
  return builder;
}

struct Result {
  bool good = false;
  std::string out, err;
};

class Bench {
 public:
  Result run(const std::string& file, InspectionOptions options = {}) {
    folder_.write("binlog.000001", file);
    options.files = {folder_.file("binlog.000001")};
    return run(std::move(options));
  }
  Result run(InspectionOptions options) {
    const int descriptor = ::open(folder_.file("out").c_str(), O_CREAT | O_TRUNC | O_RDWR, 0600);
    std::ostringstream errors;
    auto* const before = std::cerr.rdbuf(errors.rdbuf());
    Result result;
    {
      events::Output out(descriptor);
      result.good = Inspection(std::move(options), out).run();
    }
    std::cerr.rdbuf(before);
    ::close(descriptor);
    result.out = read("out");
    result.err = folder_.neutral(errors.str());
    return result;
  }
  [[nodiscard]] std::string read(std::string_view name) const {
    std::ifstream in(folder_.file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  [[nodiscard]] const test::TempFolder& folder() const { return folder_; }

 private:
  test::TempFolder folder_;
};

/// The first words of each line behind the time.
std::string in_short(const std::string& lines) {
  std::istringstream in(lines);
  std::string out;
  for (std::string line; std::getline(in, line);)
    out += line.substr(0, 10) + line.substr(31) + "\n";
  return out;
}

InspectionOptions printing(events::PrintOptions print) {
  InspectionOptions options;
  options.print = print;
  return options;
}

std::string last_line(const std::string& out) {
  return out.substr(out.rfind('\n', out.size() - 2) + 1);
}

}  // namespace

TEST_CASE("inspect: a line an event") {
  const auto result = Bench().run(file_of(a_log()));
  CHECK(result.good);
  CHECK(result.err == "");
  CHECK(
      in_short(result.out) ==
      "         4  FORMAT_DESCRIPTION             123  keep                9.7.4, CRC32\n"
      "       127  GTID                            79  keep                "
      "abababab-abab-abab-abab-abababababab:1\n"
      "       206  QUERY                           90  drop accounts       CREATE USER\n"
      "       296  GTID                            79  keep                "
      "abababab-abab-abab-abab-abababababab:2\n"
      "       375  QUERY                           59  keep                BEGIN  in app\n"
      "       434  ROWS_QUERY                      35  drop system_schema\n"
      "       469  TABLE_MAP                       50  keep                app.t\\x1b[2J\n"
      "       519  TABLE_MAP                       48  drop system_schema  mysql.x\n"
      "       567  WRITE_ROWS                      46  drop system_schema  mysql.x\n"
      "       613  WRITE_ROWS                      44  keep                app.t\\x1b[2J\n"
      "       657  XID                             31  keep\n"
      "       688  GTID                            79  keep                "
      "abababab-abab-abab-abab-abababababab:3\n"
      "       767  QUERY                           76  keep                CREATE TABLE  in app\n");
  CHECK(result.out.find("TOPSECRET") == std::string::npos);
  CHECK(result.out.find("2023-11-14 22:13:20") != std::string::npos);
}

TEST_CASE("inspect: JSON") {
  const auto result = Bench().run(file_of(a_log()), printing({.json = true, .rows = true}));
  CHECK(result.out.find(
            R"({"file": "binlog.000001", "position": 206, "time": "2023-11-14 22:13:20", )"
            R"("type": "QUERY", "size": 90, "server_id": 17, )"
            R"("gtid": "abababab-abab-abab-abab-abababababab:1", )"
            R"("statement": "CREATE USER", "verdict": "drop", "rule": "accounts"})"
            "\n") != std::string::npos);
  CHECK(result.out.find(R"("schema": "app", "table": "t\u001b[2J", "verdict": "keep", )"
                        R"("rows": [{"after": {"@1": 7, "@2": "abc"}}]})"
                        "\n") != std::string::npos);
  CHECK(result.out.find(R"("rows": [], "rows_problem": "column 1: )") == std::string::npos);
  CHECK(result.out.find("\x1b") == std::string::npos);
  CHECK(result.out.find("TOPSECRET") == std::string::npos);
}

TEST_CASE("inspect: rows, and rows that cannot be read") {
  const auto result = Bench().run(file_of(a_log()), printing({.rows = true}));
  CHECK(result.out.find("            + @1=7, @2='abc'\n") != std::string::npos);
  CHECK(result.out.find("            rows that cannot be read: column ") != std::string::npos);
}

TEST_CASE("inspect: only what is dropped") {
  const auto result = Bench().run(file_of(a_log()), printing({.only_dropped = true}));
  CHECK(in_short(result.out) ==
        "       206  QUERY                           90  drop accounts       CREATE USER  "
        "abababab-abab-abab-abab-abababababab:1\n"
        "       434  ROWS_QUERY                      35  drop system_schema  "
        "abababab-abab-abab-abab-abababababab:2\n"
        "       519  TABLE_MAP                       48  drop system_schema  mysql.x  "
        "abababab-abab-abab-abab-abababababab:2\n"
        "       567  WRITE_ROWS                      46  drop system_schema  mysql.x  "
        "abababab-abab-abab-abab-abababababab:2\n");
}

TEST_CASE("inspect: statements are shown when asked for, accounts only with all") {
  const std::string file = file_of(a_log());
  const auto kept = Bench().run(file, printing({.statements = events::ShownStatements::kept}));
  CHECK(kept.out.find("CREATE TABLE t (a INT)") != std::string::npos);
  CHECK(kept.out.find("TOPSECRET") == std::string::npos);
  CHECK(kept.out.find("UPDATE both") == std::string::npos);
  const auto all = Bench().run(file, printing({.statements = events::ShownStatements::all}));
  CHECK(all.out.find("TOPSECRET") != std::string::npos);
  CHECK(all.out.find("UPDATE both") != std::string::npos);

  // Where the configuration keeps accounts their passwords still need all.
  auto options = printing({.statements = events::ShownStatements::kept});
  options.rules = filters::TableRules(filters::SystemSchema::keep, {}, {});
  const auto unfiltered = Bench().run(file, options);
  CHECK(unfiltered.out.find("keep                CREATE USER") != std::string::npos);
  CHECK(unfiltered.out.find("TOPSECRET") == std::string::npos);
  CHECK(unfiltered.out.find("UPDATE both") != std::string::npos);
}

TEST_CASE("inspect: a summary") {
  InspectionOptions options;
  options.summary = true;
  const auto text = Bench().run(file_of(a_log()), options);
  CHECK(text.out ==
        "files                     1\n"
        "time                      2023-11-14 22:13:20 to 2023-11-14 22:13:20\n"
        "transactions              3\n"
        "all                       13 events, 839 bytes\n"
        "dropped                   4 events, 219 bytes\n"
        "  by accounts             1 events, 90 bytes\n"
        "  by system_schema        3 events, 129 bytes\n"
        "largest transactions\n"
        "  392 bytes, 8 events at binlog.000001:296  abababab-abab-abab-abab-abababababab:2\n"
        "  169 bytes, 2 events at binlog.000001:127  abababab-abab-abab-abab-abababababab:1\n"
        "  155 bytes, 2 events at binlog.000001:688  abababab-abab-abab-abab-abababababab:3\n");
  options.print.json = true;
  const auto json = Bench().run(file_of(a_log()), options);
  CHECK(json.out.starts_with(R"({"files": 1, "first_time": "2023-11-14 22:13:20", )"));
  CHECK(json.out.find(R"("dropped": {"accounts": {"events": 1, "bytes": 90}, )") !=
        std::string::npos);
}

TEST_CASE("inspect: a compressed transaction, and what is dropped of it") {
  BinlogBuilder inside({"9.7.4", 42, false, false});
  inside.query("BEGIN").table_map(1, "app", "t").rows(1, true);
  inside.table_map(2, "mysql", "x").rows(2, true, std::string(5000, 'x')).xid();
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().gtid().event(binlog::EventType::transaction_payload,
                                    test::payload_body(test::bare_events(inside)));
  const std::string file = file_of(builder);

  const auto dropped = Bench().run(file, printing({.only_dropped = true}));
  CHECK(in_short(dropped.out) ==
        "       206  | TABLE_MAP                     44  drop system_schema  mysql.x  "
        "abababab-abab-abab-abab-abababababab:1\n"
        "       206  | WRITE_ROWS                  5031  drop system_schema  mysql.x  "
        "abababab-abab-abab-abab-abababababab:1\n");
  const auto all = Bench().run(file);
  CHECK(in_short(all.out).find("         |  | TABLE_MAP ") != std::string::npos);

  InspectionOptions options;
  options.summary = true;
  const auto summary = Bench().run(file, options);
  CHECK(summary.out.find("all                       9 events, " + std::to_string(file.size() - 4) +
                         " bytes\n"
                         "dropped                   2 events, 0 bytes\n") != std::string::npos);
}

TEST_CASE("inspect: a summary of a server without GTIDs") {
  BinlogBuilder builder({"5.6.51", 35, true, false});
  builder.begin_dump();
  builder.query("BEGIN").query("INSERT INTO t VALUES (1)").query("ROLLBACK");
  builder.query("BEGIN").query("INSERT INTO t VALUES (1)").xid();
  InspectionOptions options;
  options.summary = true;
  const auto result = Bench().run(file_of(builder), options);
  CHECK(result.out.find("transactions              2\n") != std::string::npos);
}

TEST_CASE("inspect: the time of a summary is that of its transactions, in any order") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();  // later than what is in the file, as a relay log
  const Buffer body(8, 7);
  for (const std::uint32_t time : {1600000100U, 1600000000U, 1600000050U}) {
    builder.event(binlog::EventType::xid, body, 0, time);
  }
  InspectionOptions options;
  options.summary = true;
  const auto result = Bench().run(file_of(builder), options);
  CHECK(result.out.find("time                      2020-09-13 12:26:40 to 2020-09-13 12:28:20\n") !=
        std::string::npos);
}

TEST_CASE("inspect: a row event of no table, such as a relay leaves, misses nothing") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().begin().table_map(1, "app", "t").rows(binlog::dummy_table_id, true).xid();
  const auto text = Bench().run(file_of(builder), printing({.rows = true}));
  CHECK(text.out.find("keep                of no table\n") != std::string::npos);
  CHECK(text.out.find("cannot be read") == std::string::npos);
  const auto json = Bench().run(file_of(builder), printing({.json = true, .rows = true}));
  CHECK(json.out.find(R"("detail": "of no table", "verdict": "keep"})") != std::string::npos);
}

TEST_CASE("inspect: a set of GTIDs with many gaps is shown as far as there is room") {
  constexpr std::uint64_t gaps = 20000;
  Buffer body;
  Writer writer(body);
  writer.u64(1).bytes(Buffer(16, 0xAB)).u64(gaps);
  for (std::uint64_t i = 1; i <= gaps; ++i) writer.u64(2 * i).u64(2 * i + 1);
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().event(binlog::EventType::previous_gtids, body);
  const auto result = Bench().run(file_of(builder));
  CHECK(result.out.find("keep                abababab-abab-abab-abab-abababababab:2:4:6:") !=
        std::string::npos);
}

TEST_CASE("inspect: relay logs, of which one goes on within the statement of the one before") {
  Buffer rotate;
  Writer(rotate).u64(4).text("relay.000002");
  BinlogBuilder first({"10.11.19-MariaDB", 172, true, false});
  first.begin_dump().begin().table_map(1, "app", "t").table_map(2, "mysql", "x");
  first.event(binlog::EventType::rotate, rotate, binlog::event_flag::relay_log);
  BinlogBuilder second({"10.11.19-MariaDB", 172, true, false});
  const std::string_view row(
      "\0\x07\0\0\0\x03"
      "abc",
      9);
  const auto type = binlog::EventType::write_rows_v1;
  second.begin_dump().rows(2, false, row, type).rows(1, true, row, type).xid();
  Bench bench;
  bench.folder().write("relay.000001", file_of(first));
  bench.folder().write("relay.000002", file_of(second));

  auto options = printing({.json = true, .rows = true});
  options.files = {bench.folder().file("relay.000001"), bench.folder().file("relay.000002")};
  const auto both = bench.run(options);
  CHECK(both.good);
  CHECK(both.err == "");
  CHECK(both.out.find(R"({"file": "relay.000002", "position": 4, )") != std::string::npos);
  CHECK(both.out.find(R"("gtid": "0-17-1", "schema": "mysql", "table": "x", "verdict": "drop")") !=
        std::string::npos);
  CHECK(both.out.find(R"("rows": [{"after": {"@1": 7, "@2": "abc"}}]})") != std::string::npos);

  options.summary = true;
  const auto summary = bench.run(options);
  CHECK(summary.out.find(R"("transactions": 1, )") != std::string::npos);
  CHECK(summary.out.find(R"("file": "relay.000001", "position": 257, "gtid": "0-17-1", )"
                         R"("events": 6, )") != std::string::npos);

  std::ranges::reverse(options.files);
  const auto wrong = bench.run(options);
  CHECK_FALSE(wrong.good);
  CHECK(wrong.err ==
        "sluice inspect: DIR/relay.000002: position 257: "
        "it begins within a statement of the file before it: give that one first\n");
}

TEST_CASE("inspect: a summary names tables that managed replicas do not take") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().standalone_gtid().query("CREATE TABLE `t\x1b` (a INT) ENGINE=MyISAM");
  builder.standalone_gtid().query("CREATE TABLE good (a INT PRIMARY KEY) ENGINE=InnoDB");
  builder.begin().table_map(1, "app", "t\x1b").rows(1, true).xid();
  builder.begin().table_map(2, "app", "good").rows(2, true).xid();
  builder.begin().table_map(3, "mysql", "x").rows(3, true).xid();
  InspectionOptions options;
  options.summary = true;
  const auto text = Bench().run(file_of(builder), options);
  CHECK(text.out.find("tables without primary key\n"
                      "  app.t\\x1b\n"
                      "tables of other engines than InnoDB\n"
                      "  app.t\\x1b  MyISAM\n"
                      "largest") != std::string::npos);
  options.print.json = true;
  const auto json = Bench().run(file_of(builder), options);
  CHECK(json.out.find(R"("tables_without_primary_key": ["app.t\u001b"], )"
                      R"("tables_of_other_engines": {"app.t\u001b": "MyISAM"})") !=
        std::string::npos);
}

TEST_CASE("inspect: names compare as on the server that has written the file") {
  const auto lines = [](const char* file, const char* pattern, unsigned lower_case) {
    InspectionOptions options;
    options.files = {test::test_data(file)};
    options.rules = filters::TableRules(filters::SystemSchema::drop,
                                        {*filters::TablePattern::parse(pattern)}, {});
    options.lower_case_table_names = lower_case;
    const auto result = Bench().run(options);
    CHECK(result.good);
    return result.out;
  };
  for (const auto* file : {"rows/mariadb-10.11.binlog", "rows/mysql-9.7.binlog"}) {
    CAPTURE(file);
    const std::string dropped = lines(file, "app.%", 0);
    CHECK(dropped.find("drop ignore ") != std::string::npos);
    for (const unsigned lower_case : {0U, 1U, 2U}) {
      CAPTURE(lower_case);
      const bool mariadb = std::string_view(file).find("mariadb") != std::string_view::npos;
      const std::string found = lines(file, "APP.%", lower_case);
      CHECK((found == dropped) == (mariadb || lower_case != 0));
      CHECK((found.find("drop ignore ") == std::string::npos) == !(mariadb || lower_case != 0));
    }
  }
}

TEST_CASE("inspect: it stops where a relay's requirements refuse a table") {
  using filters::Reaction;
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().standalone_gtid().query("CREATE TABLE t (a INT)");
  builder.standalone_gtid().query("CREATE TABLE u (a INT PRIMARY KEY) ENGINE=MyISAM");
  builder.begin().table_map(1, "app", "t").rows(1, true).xid();
  const std::string file = file_of(builder);
  const auto all = Bench().run(file);
  CHECK(all.good);
  const auto run = [&file](Reaction primary_key, Reaction innodb) {
    InspectionOptions options;
    options.requirements = {primary_key, innodb};
    return Bench().run(file, options);
  };
  const auto keyless = run(Reaction::refuse, Reaction::warn);
  CHECK_FALSE(keyless.good);
  CHECK(keyless.err ==
        "sluice inspect: DIR/binlog.000001: position 601: a relay would stop here: TABLE_MAP: "
        "table app.t "
        "has no primary key, which relay.requirements demands\n");
  const std::string last = last_line(keyless.out);
  CHECK(all.out.starts_with(keyless.out.substr(0, keyless.out.size() - last.size())));
  CHECK(last.find("  stop                app.t\n") != std::string::npos);
  const auto engine = run(Reaction::ignore, Reaction::refuse);
  CHECK_FALSE(engine.good);
  CHECK(engine.err ==
        "sluice inspect: DIR/binlog.000001: position 361: a relay would stop here: QUERY: table "
        "app.u gets "
        "the engine MyISAM, and relay.requirements demands InnoDB\n");
  for (const auto reaction : {Reaction::warn, Reaction::ignore}) {
    const auto shown = run(reaction, reaction);
    CHECK(shown.good);
    CHECK(shown.err == "");
    CHECK(shown.out == all.out);
  }
}

TEST_CASE("inspect: a table's key is known from the files before") {
  BinlogBuilder first({"9.7.4", 42, true, false});
  first.begin_dump().standalone_gtid().query("CREATE TABLE t (a INT)");
  BinlogBuilder second({"9.7.4", 42, true, false});
  second.begin_dump().begin().table_map(1, "app", "t").rows(1, true).xid();
  Bench bench;
  bench.folder().write("binlog.000001", file_of(first));
  bench.folder().write("binlog.000002", file_of(second));
  InspectionOptions options;
  options.requirements = {filters::Reaction::refuse, filters::Reaction::refuse};
  options.files = {bench.folder().file("binlog.000001"), bench.folder().file("binlog.000002")};
  const auto both = bench.run(options);
  CHECK_FALSE(both.good);
  CHECK(both.err.starts_with("sluice inspect: DIR/binlog.000002: position "));
  options.files.erase(options.files.begin());
  CHECK(bench.run(options).good);
}

TEST_CASE("inspect: the file that is written is what a replica gets") {
  Bench bench;
  const std::string file = file_of(a_log());
  InspectionOptions options;
  options.write_to = bench.folder().file("filtered");
  CHECK(bench.run(file, options).good);
  const std::string written = bench.read("filtered");
  CHECK(written.size() == file.size());
  CHECK(written.find("TOPSECRET") == std::string::npos);
  CHECK(written.find("abc") != std::string::npos);

  // Once more, and nothing is left to drop.
  InspectionOptions again;
  again.print.only_dropped = true;
  const auto result = bench.run(written, again);
  CHECK(result.good);
  CHECK(result.out == "");
  // It is not written over.
  const auto refused = bench.run(file, options);
  CHECK_FALSE(refused.good);
  CHECK(refused.err ==
        "sluice inspect: DIR/binlog.000001: DIR/filtered: File exists; --write makes "
        "a new file\n");
}

TEST_CASE("inspect: a damaged file, and everything before the damage") {
  for (const bool crc : {true, false}) {
    CAPTURE(crc);
    const std::string file = file_of(a_log(crc));
    const auto whole = Bench().run(file);
    CHECK(whole.good);
    for (std::size_t size = 0; size < file.size(); ++size) {
      CAPTURE(size);
      Bench bench;
      InspectionOptions options;
      options.write_to = bench.folder().file("filtered");
      const auto cut = bench.run(file.substr(0, size), options);
      REQUIRE(whole.out.starts_with(cut.out));
      // Between two events that are not of one statement nothing tells that more should come.
      REQUIRE(cut.good == cut.err.empty());
      REQUIRE(cut.good == std::filesystem::exists(bench.folder().file("filtered")));
    }
  }
  std::string file = file_of(a_log());
  file[720] = static_cast<char>(file[720] ^ 1);
  const auto result = Bench().run(file);
  CHECK_FALSE(result.good);
  CHECK(result.err == "sluice inspect: DIR/binlog.000001: position 688: a wrong checksum\n");
  CHECK(result.out.find("       657  ") != std::string::npos);
  CHECK(result.out.find("       688  ") == std::string::npos);
}

TEST_CASE("inspect: an event that is larger than every buffer") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().begin().table_map(1, "app", "t");
  std::string rows;
  for (int i = 0; i < 400000; ++i)
    rows += std::string(
        "\0\x07\0\0\0\x03"
        "abc",
        9);
  builder.rows(1, true, rows).xid();
  Bench bench;
  InspectionOptions options;
  options.write_to = bench.folder().file("filtered");
  const auto result = bench.run(file_of(builder), options);
  CHECK(result.good);
  CHECK(bench.read("filtered") == file_of(builder));
  const auto shown = bench.run(file_of(builder), printing({.rows = true}));
  CHECK(std::ranges::count(shown.out, '+') == 400000);

  std::string damaged = file_of(builder);
  damaged[2000000] = static_cast<char>(damaged[2000000] ^ 1);
  const auto wrong = Bench().run(damaged);
  CHECK_FALSE(wrong.good);
  CHECK(wrong.err.find("a wrong checksum") != std::string::npos);
}

TEST_CASE("inspect: a statement with more tables than can be remembered") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().begin();
  const std::string name(60, 'n');
  for (std::uint64_t id = 1; id <= 20000; ++id) builder.table_map(id, "app", name);
  builder.rows(1, false).rows(20000, true).xid();
  const auto result = Bench().run(file_of(builder), printing({.json = true, .rows = true}));
  CHECK(result.good);
  CHECK(result.out.find(R"("rows_problem": "no TABLE_MAP announced their table")") !=
        std::string::npos);
  CHECK(result.out.find(R"("rows_problem": "column )") != std::string::npos);
}

TEST_CASE("inspect: several files, of which one cannot be read") {
  Bench bench;
  bench.folder().write("good", file_of(a_log()));
  bench.folder().write("none", "no binlog");
  InspectionOptions options;
  options.files = {bench.folder().file("none"), bench.folder().file("missing"),
                   bench.folder().file("good")};
  options.print.only_dropped = true;
  const auto result = bench.run(options);
  CHECK_FALSE(result.good);
  CHECK(result.err ==
        "sluice inspect: DIR/none: position 0: no binlog file: it does not begin as one\n"
        "sluice inspect: DIR/missing: No such file or directory\n");
  CHECK(result.out.find("CREATE USER") != std::string::npos);
}

TEST_CASE("inspect: a statement that a relay stops at") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().standalone_gtid().query("FROBNICATE THE TOPSECRET");
  const auto result = Bench().run(file_of(builder));
  CHECK_FALSE(result.good);
  CHECK(result.err.starts_with(
      "sluice inspect: DIR/binlog.000001: position 206: a relay would stop here: QUERY: "));
  CHECK(result.err.find("TOPSECRET") == std::string::npos);
  CHECK(result.out.find("GTID") != std::string::npos);
  CHECK(result.out.find("  stop  ") != std::string::npos);

  // It is shown, its text only to who asks for all.
  const auto text_of = [&](events::ShownStatements shown) {
    return Bench().run(file_of(builder), printing({.statements = shown})).out;
  };
  for (const auto shown : {events::ShownStatements::none, events::ShownStatements::kept}) {
    CHECK(text_of(shown) == result.out);
  }
  CHECK(text_of(events::ShownStatements::all).ends_with("  FROBNICATE THE TOPSECRET\n"));
  CHECK(Bench().run(file_of(builder), printing({.json = true})).out.find(R"("verdict": "stop")") !=
        std::string::npos);
}

TEST_CASE("inspect: what belongs to a statement that a relay stops at is shown, too") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().begin().intvar().query("FROBNICATE THE TOPSECRET");
  const auto result = Bench().run(file_of(builder), printing({.only_dropped = true}));
  CHECK(std::ranges::count(result.out, '\n') == 2);
  CHECK(result.out.find("INTVAR") < result.out.find("QUERY"));
  std::string position = last_line(result.out);
  position.erase(0, position.find_first_not_of(' '));
  position.erase(position.find(' '));
  CHECK(result.err.find("position " + position + ": ") != std::string::npos);
}

TEST_CASE("inspect: a relay stops within a compressed transaction") {
  BinlogBuilder inside({"9.7.4", 42, false, false});
  inside.query("BEGIN").query("FROBNICATE THE TOPSECRET");
  BinlogBuilder outside({"9.7.4", 42, true, false});
  outside.begin_dump().gtid().event(binlog::EventType::transaction_payload,
                                    test::payload_body(test::bare_events(inside)));
  const auto compressed = Bench().run(file_of(outside));
  CHECK(last_line(compressed.out).find("| QUERY ") != std::string::npos);
  CHECK(last_line(compressed.out).find("  stop") != std::string::npos);

  InspectionOptions small;
  small.max_payload = 10;
  const auto large = Bench().run(file_of(outside), small);
  CHECK(large.err.find("it is larger than filter.max_payload allows") != std::string::npos);
  CHECK(last_line(large.out).find("TRANSACTION_PAYLOAD") != std::string::npos);
  CHECK(last_line(large.out).find("  stop") != std::string::npos);
}

#include "filters/stream/stream_filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/binlog/rows_event.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"

using namespace sluice;
using binlog::EventType;
using filters::StreamFilter;
using filters::TableRules;
using test::BinlogBuilder;
using test::read_events;
using Flavour = BinlogBuilder::Flavour;
using State = StreamFilter::State;

namespace {

const TableRules drop_system;
const Flavour mysql_97{"9.7.4", 42, true, false};
const Flavour mysql_56{"5.6.24-log", 35, true, false};
const Flavour mysql_57{"5.7.36-log", 38, true, false};
const Flavour mariadb{"10.11.19-MariaDB-log", 171, true, false};

/// Passes a stream through the filter as a connection would: it comes in pieces, what is not
/// released comes again. Each call gets a buffer of the exact size.
Buffer pass(StreamFilter& filter, Bytes stream, std::size_t piece) {
  Buffer out;
  Buffer pending;
  std::size_t at = 0;
  while (at < stream.size() && filter.state() == State::flowing) {
    const Bytes more = stream.subspan(at, std::min(piece, stream.size() - at));
    at += more.size();
    pending.insert(pending.end(), more.begin(), more.end());
    Buffer exact(pending);
    const std::size_t released = filter.scan(exact);
    REQUIRE(released <= exact.size());
    const auto split = exact.begin() + static_cast<std::ptrdiff_t>(released);
    out.insert(out.end(), exact.begin(), split);
    pending.assign(split, exact.end());
  }
  return out;
}

struct Passed {
  Buffer out;
  std::vector<test::ReadEvent> events;
  State state;
  std::string reason;
};

Passed pass(const BinlogBuilder& builder, const TableRules& rules = drop_system,
            bool semi_sync = false, bool replica_is_mariadb = false) {
  StreamFilter filter(
      rules, {.framing = filters::packets(semi_sync), .replica_is_mariadb = replica_is_mariadb});
  Passed passed;
  passed.out = pass(filter, builder.stream(), builder.size());
  passed.events = read_events(passed.out, semi_sync);
  passed.state = filter.state();
  if (filter.failure()) passed.reason = filter.failure()->reason;
  return passed;
}

std::vector<EventType> types(const Passed& passed) {
  std::vector<EventType> result;
  for (const auto& event : passed.events) result.push_back(event.header.type);
  result.erase(result.begin(), result.begin() + 2);  // ROTATE, FORMAT_DESCRIPTION
  return result;
}

/// Same number of events, same sizes, positions and sequence numbers, right checksums.
void check_coordinates(const BinlogBuilder& builder, const Passed& passed, bool semi_sync = false) {
  const auto before = read_events(builder.stream(), semi_sync);
  REQUIRE(passed.events.size() == before.size());
  CHECK(passed.out.size() == builder.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CAPTURE(i);
    CHECK(passed.events[i].header.size == before[i].header.size);
    CHECK(passed.events[i].header.log_pos == before[i].header.log_pos);
    CHECK(passed.events[i].header.server_id == before[i].header.server_id);
    CHECK(passed.events[i].header.timestamp == before[i].header.timestamp);
    CHECK(passed.events[i].crc_is_right());
  }
}

BinlogBuilder workload(const Flavour& flavour) {
  BinlogBuilder builder(flavour);
  builder.begin_dump();
  builder.standalone_gtid().query("CREATE USER u@h IDENTIFIED BY 'TOPSECRET'");
  builder.begin().rows_query("INSERT INTO app.t").table_map(1, "app", "t").rows(1, true).xid();
  builder.begin().rows_query("INSERT INTO mysql.x VALUES ('TOPSECRET')");
  builder.table_map(2, "mysql", "x").rows(2, false, "TOPSECRET").rows(2, true, "TOPSECRET").xid();
  builder.begin().rows_query("UPDATE app.t, mysql.x SET 'TOPSECRET'").table_map(1, "app", "t");
  builder.table_map(2, "mysql", "x").rows(1, false, "kept-row").rows(2, true, "TOPSECRET");
  builder.table_map(1, "app", "t").rows(1, true, "kept-too").xid();
  builder.begin().intvar().query("INSERT INTO mysql.x VALUES ('TOPSECRET')");
  builder.query("INSERT INTO app.t VALUES (1)").query("COMMIT");
  builder.standalone_gtid().query("CREATE TABLE mysql.topsecret (a INT)", "mysql");
  return builder;
}

}  // namespace

TEST_CASE("whatever pieces a stream comes in, the same comes out") {
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    const BinlogBuilder builder = workload(flavour);
    const Passed whole = pass(builder);
    CHECK(whole.state == State::flowing);
    check_coordinates(builder, whole);
    CHECK(as_text(whole.out).find("TOPSECRET") == std::string::npos);
    CHECK(as_text(whole.out).find("kept-row") != std::string::npos);
    CHECK(as_text(whole.out).find("kept-too") != std::string::npos);
    for (std::size_t piece = 1; piece < 300; ++piece) {
      StreamFilter filter(drop_system);
      REQUIRE(pass(filter, builder.stream(), piece) == whole.out);
    }
  }
}

TEST_CASE("an unfiltered stream comes out byte for byte") {
  const TableRules keep(filters::SystemSchema::keep, {}, {});
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    const BinlogBuilder builder = workload(flavour);
    CHECK(pass(builder, keep).out == builder.stream());
  }
}

TEST_CASE("a statement that is a group of its own becomes a COMMIT") {
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    BinlogBuilder builder(flavour);
    builder.begin_dump()
        .standalone_gtid()
        .query("DROP USER u")
        .standalone_gtid()
        .query("CREATE TABLE app.t (a INT)");
    const Passed passed = pass(builder);
    check_coordinates(builder, passed);
    CHECK(passed.events[3].text().find("COMMIT ") != std::string::npos);
    CHECK(passed.events[5].text().find("CREATE TABLE app.t") != std::string::npos);
  }
  BinlogBuilder without_gtid(mysql_56);
  without_gtid.begin_dump().query("DROP USER u").query("CREATE TABLE app.t (a INT)");
  CHECK(pass(without_gtid).events[2].text().find("COMMIT ") != std::string::npos);
}

TEST_CASE("a row statement of dropped tables only") {
  const auto build = [](const Flavour& flavour) {
    BinlogBuilder builder(flavour);
    builder.begin_dump().begin().table_map(1, "mysql", "user").rows(1, false).rows(1, true).xid();
    return builder;
  };
  using enum EventType;
  CHECK(types(pass(build(mysql_97))) ==
        std::vector{gtid, query, ignorable, ignorable, ignorable, xid});
  CHECK(types(pass(build(mariadb))) ==
        std::vector{mariadb_gtid, ignorable, ignorable, ignorable, xid});
  Flavour mysql_84 = mysql_97;
  mysql_84.version = "8.4.3";
  for (const Flavour& old : {mysql_56, mysql_57, mysql_84}) {
    const Passed passed = pass(build(old));
    CHECK(types(passed) == std::vector{gtid, query, query, ignorable, ignorable, xid});
    CHECK(passed.events[4].text().find("SAVEPOINT _") != std::string::npos);
  }
}

TEST_CASE("a SAVEPOINT goes into the first event of the statement that has room for it") {
  filters::TablePattern pattern = *filters::TablePattern::parse("d.%");
  const TableRules rules(filters::SystemSchema::drop, {pattern}, {});
  BinlogBuilder builder(mysql_56);
  // TABLE_MAPs of 47 bytes: one too short.
  builder.begin_dump().begin().table_map(1, "d", "a").table_map(2, "d", "bb");
  builder.rows(1, false, "a row that is long enough").rows(2, true).xid();
  const auto sizes = read_events(builder.stream());
  REQUIRE(sizes[4].header.size < 48);
  using enum EventType;
  const auto expected = sizes[5].header.size < 48
                            ? std::vector{gtid, query, ignorable, ignorable, query, ignorable, xid}
                            : std::vector{gtid, query, ignorable, query, ignorable, ignorable, xid};
  CHECK(types(pass(builder, rules)) == expected);
}

TEST_CASE("a statement over dropped and kept tables keeps its end") {
  using enum EventType;
  struct Pair {
    const Flavour& master;
    bool replica_is_mariadb;
  };
  for (const auto& [flavour, replica_is_mariadb] :
       {Pair{mysql_97, false}, Pair{mysql_56, false}, Pair{mysql_57, true}, Pair{mariadb, true},
        Pair{mariadb, false}}) {
    BinlogBuilder builder(flavour);
    builder.begin_dump().begin().table_map(1, "app", "t").table_map(2, "mysql", "x");
    builder.rows(1, false, "kept").rows(2, false).rows(2, true, "SECRET").xid();
    const Passed passed = pass(builder, drop_system, false, replica_is_mariadb);
    check_coordinates(builder, passed);
    const std::size_t first = passed.events.size() - 6;
    CHECK(passed.events[first].header.type == table_map);
    CHECK(passed.events[first + 1].header.type == ignorable);  // never a QUERY
    CHECK(passed.events[first + 2].header.type == write_rows_v2);
    if (&flavour == &mariadb ||
        replica_is_mariadb) {  // MariaDB's IO thread wants row events only, up to the last one
      const auto rows =
          binlog::parse_rows_prefix(Bytes(passed.events[first + 3].bytes).subspan(19));
      CHECK(passed.events[first + 3].header.type == write_rows_v2);
      CHECK(rows->table_id == binlog::dummy_table_id);
      CHECK_FALSE(rows->ends_statement());
    } else {
      CHECK(passed.events[first + 3].header.type == ignorable);
    }
    CHECK(passed.events[first + 4].header.type == write_rows_v2);
    const auto end = binlog::parse_rows_prefix(Bytes(passed.events[first + 4].bytes).subspan(19));
    CHECK(end->table_id == binlog::dummy_table_id);
    CHECK(end->ends_statement());
  }
}

TEST_CASE("packets are counted anew behind an acknowledged event, also one of several packets") {
  for (const std::size_t size : {std::size_t{100}, std::size_t{20} << 20}) {
    Flavour flavour = mysql_97;
    flavour.semi_sync = true;
    BinlogBuilder builder(flavour);
    builder.begin_dump().begin().table_map(1, "app", "t");
    builder.acknowledge_next().rows(1, true, std::string(size, 'x'));
    Buffer stream = builder.stream();
    StreamFilter filter(drop_system, {.framing = filters::packets(true)});
    CHECK(filter.scan(stream) == stream.size());
    CHECK(filter.next_sequence() == 1);
  }
}

TEST_CASE("a kept table passes before its rows are there, a dropped one does not") {
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    for (const std::string_view schema : {"app", "mysql"}) {
      BinlogBuilder builder(flavour);
      builder.begin_dump().begin();
      const std::size_t before = builder.size();
      builder.table_map(1, schema, "t");
      Buffer stream = builder.stream();
      StreamFilter filter(drop_system);
      CHECK(filter.scan(stream) == (schema == "app" ? stream.size() : before));
      CHECK_FALSE(filter.at_group_border());
    }
  }
}

TEST_CASE("a statement on the table of the one before it, and then on others") {
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    CAPTURE(flavour.version);
    BinlogBuilder builder(flavour);
    builder.begin_dump();
    const auto kept = [&](std::uint64_t id, std::string_view table) {
      builder.begin().table_map(id, "app", table).rows(id, true, "kept").xid();
    };
    const auto dropped = [&](std::uint64_t id, std::string_view table) {
      builder.begin().table_map(id, "mysql", table).rows(id, true, "SECRET").xid();
    };
    kept(1, "t");
    kept(1, "t");
    kept(2, "t");  // altered, or the server has forgotten it meanwhile
    kept(2, "t");
    dropped(3, "t");
    dropped(3, "t");
    kept(2, "t");
    dropped(2, "t");  // the same number and name, in another schema
    kept(2, "u");
    kept(2, "u");
    // Within one transaction; with others beside it, behind it and before it.
    builder.begin();
    for (int i = 0; i < 2; ++i) builder.table_map(2, "app", "u").rows(2, true, "kept");
    builder.table_map(2, "app", "u").table_map(3, "mysql", "t");
    builder.rows(2, false, "kept").rows(3, true, "SECRET");
    builder.table_map(2, "app", "u").rows(2, true, "kept");
    builder.table_map(3, "mysql", "t").table_map(2, "app", "u");
    builder.rows(3, false, "SECRET").rows(2, true, "kept");
    builder.rows_query("INSERT INTO u kept").table_map(2, "app", "u").rows(2, true, "kept");
    builder.table_map(2, "app", "u").rows(2, true, "kept").xid();
    const Passed passed = pass(builder);
    CHECK(passed.state == State::flowing);
    check_coordinates(builder, passed);
    const auto before = read_events(builder.stream());
    for (std::size_t i = 0; i < before.size(); ++i) {
      CAPTURE(i);
      const auto has = [&](std::string_view word) {
        return as_text(before[i].bytes).find(word) != std::string_view::npos;
      };
      const bool goes = has("SECRET") || has("mysql");
      CHECK((passed.events[i].bytes == before[i].bytes) == !goes);
    }
    CHECK(as_text(passed.out).find("SECRET") == std::string_view::npos);
  }
}

TEST_CASE(
    "what is said of a row event is said of one whose TABLE_MAP is that of the last statement") {
  struct Tables final : filters::EventObserver {
    std::string see(const filters::SeenEvent& seen) override {
      if (seen.header.type == EventType::table_map ||
          seen.header.type == EventType::write_rows_v2) {
        names.append(seen.subject.schema).append(".").append(seen.subject.table);
        names += seen.subject.repeated ? "= " : " ";
      }
      return {};
    }
    std::string names;
  } tables;
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin();
  for (const std::string_view table : {"t", "t", "u", "u", "u", "t"}) {
    builder.table_map(1, "app", table).rows(1, true);
  }
  builder.table_map(1, "app", "t").table_map(2, "app", "u").rows(1, false).rows(2, true);
  builder.table_map(1, "app", "t").rows(1, true).xid();
  StreamFilter filter(drop_system, {filters::Framing::packets, &tables});
  Buffer stream = builder.stream();
  CHECK(filter.scan(stream) == stream.size());
  CHECK(tables.names ==
        "app.t app.t app.t= app.t app.u app.u app.u= app.u app.u= app.u app.t app.t "
        "app.t= app.u app.t app.u app.t= app.t ");
}

TEST_CASE("what is remembered of a statement's tables does not grow from one to the next") {
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin();
  for (int i = 0; i < 1000; ++i) {
    builder.table_map(1, "app", "t").table_map(2, "app", "audit").rows(1, false).rows(2, true);
  }
  StreamFilter filter(drop_system, {filters::Framing::packets});
  Buffer stream = builder.stream();
  CHECK(filter.scan(stream) == stream.size());
  CHECK(filter.context().names == "apptappaudit");
}

TEST_CASE("a statement on more tables than can be remembered stops the stream") {
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin();
  const std::string schema(60, 's');
  const std::size_t fit =
      filters::EventJudge::max_held / (sizeof(filters::GroupState::MappedTable) + 64);
  for (std::size_t i = 0; i < fit + 2; ++i) builder.table_map(i, schema, "tttt");
  StreamFilter filter(drop_system, {filters::Framing::packets});
  Buffer stream = builder.stream();
  const std::size_t released = filter.scan(stream);
  CHECK(released < stream.size());
  CHECK(released > stream.size() * 99 / 100);
  CHECK(filter.state() == StreamFilter::State::failed);
}

TEST_CASE("the text that announces a dropped table goes too, others stay") {
  using enum EventType;
  BinlogBuilder builder(mysql_97);
  builder.begin_dump()
      .begin()
      .rows_query("UPDATE t kept text")
      .table_map(1, "app", "t")
      .rows(1, true);
  builder.rows_query("SECRET text").table_map(2, "mysql", "x").rows(2, true).xid();
  const Passed passed = pass(builder);
  CHECK(types(passed) == std::vector{gtid, query, rows_query, table_map, write_rows_v2, ignorable,
                                     ignorable, ignorable, xid});
}

TEST_CASE("a text that tells of a dropped table goes, though the table's rows are elsewhere") {
  using enum EventType;
  // The statement has one table in a transaction, and one that is not of transactions.
  const auto text_after = [](std::string_view text, const Flavour& flavour,
                             const TableRules& rules = drop_system) {
    BinlogBuilder builder(flavour);
    builder.begin_dump().begin().rows_query(text).table_map(1, "app", "t").rows(1, true).xid();
    const Passed passed = pass(builder, rules);
    check_coordinates(builder, passed);
    CHECK(passed.state == State::flowing);
    const bool is_there = as_text(passed.out).find(text) != std::string_view::npos;
    return is_there ? text : std::string_view("gone");
  };
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    for (const std::string_view text :
         {"UPDATE app.t a JOIN mysql.m m ON a.id=m.id SET a.v='b', m.v='S'",
          "UPDATE app.t a JOIN m ON a.id=m.id SET a.v='b', m.v='S'",
          "UPDATE t a JOIN mysql.m m ON a.id=m.id SET a.v='b', m.v='S'",
          "UPDATE app.t a JOIN \"mysql\".\"m\" m ON a.id=m.id SET a.v='b', m.v='S'",
          "UPDATE app . t a JOIN m ON a.id=m.id SET v=1.5, m.v='S'",
          "UPDATE 1t.t, m SET v=1, m.v='S'", "UPDATE `1`.t, m SET v=1, w='S'",
          "UPDATE db1.t, m SET v=1, w='S'", "UPDATE dä1.t, m SET v=1, w='S'",
          "UPDATE app.t, `mySQL`.m SET v=1, w='S'", "UPDATE t, MYSQL . m SET v=1, w='S'",
          "DELETE a, m FROM app.t a JOIN mysql.m m WHERE m.v='S'",
          "INSERT INTO mysql.m VALUES (app.writes_t('S'))",
          // MariaDB has the whole of what asks a sequence.
          "IF NEXT VALUE FOR app.t > 0 THEN CREATE USER u IDENTIFIED BY 'S'; END IF",
          "BEGIN NOT ATOMIC DECLARE t INT; SET t = NEXTVAL(app.t); EXECUTE IMMEDIATE 'S'; END",
          "CALL app.t('S')", "CREATE USER t IDENTIFIED BY 'S'",
          "UPDATE app.t JOIN app.b ON 1.5JOIN mysql.m ON 1 SET t.v=1, m.v='S'",
          "DELETE app.t, mysql.m FROM app.t JOIN app.b ON 1.JOIN mysql.m",
          // The session's sql_mode and character set are not known here.
          "UPDATE app.t JOIN app.b ON '1' <> '\\' JOIN mysql.m ON '1' SET t.v=1, m.v=' SET S'",
          "UPDATE app.t JOIN app.b ON '1' <> '\xBF\\' JOIN mysql.m ON '1' SET t.v=1, m.v=' "
          "SET S'"}) {
      CAPTURE(text);
      CHECK(text_after(text, flavour) == "gone");
    }
    for (const std::string_view text :
         {"UPDATE app.t a JOIN mysql.m m ON a.id=m.id SET a.v=m.v", "UPDATE t SET v=\"b\"",
          "UPDATE \"app\".\"t\" SET v='b'", "UPDATE t a JOIN u b ON a.id=b.id SET a.v='b'",
          "DELETE FROM t WHERE v='b'", "INSERT INTO t SELECT * FROM mysql.m",
          "INSERT INTO t VALUES (1.5, 'a.b@mysql.example')", "UPDATE t, m SET v=1, w=2.5",
          "INSERT INTO`T`VALUES (1)", "REPLACE \"t\" VALUES (1)", "CREATE TABLE t SELECT 1",
          "create or replace temporary table app.t select 1"}) {
      CAPTURE(text);
      CHECK(text_after(text, flavour) == text);
    }
    // It may be that of a statement within a function, which is about another table.
    for (const std::string_view text :
         {"SELECT app.f(1)", "no statement", "INSERT INTO m VALUES ('S')",
          "INSERT INTO m SELECT 't'", "INSERT INTO at VALUES (1)", "INSERT INTO t_ VALUES (1)",
          "INSERT INTO \xc3\xa4t VALUES (1)", "INSERT INTO m (t, v) VALUES (1, 'S')",
          "UPDATE m SET t = 'S'", "UPDATE m SET t=1, v='S'", "INSERT INTO m SELECT t.v, 'S' FROM t",
          "DELETE FROM m WHERE t > 5 AND v LIKE 'S'", "UPDATE m JOIN m n ON t > 5 SET v='S'",
          "/* t */ INSERT INTO m VALUES ('S')", "/*!50000 INSERT */ INTO m (t) VALUES ('S')"}) {
      CAPTURE(text);
      CHECK(text_after(text, flavour) == "gone");
    }
    for (const std::string_view text :
         {"/* a (b) = 'c' */ INSERT INTO t VALUES (1)", "UPDATE t SET v = 1", "DELETE FROM t",
          "/* unfinished", "\n/* a *//* b */ REPLACE INTO t (v) VALUES (1)"}) {
      CAPTURE(text);
      CHECK(text_after(text, flavour) == (text == "/* unfinished" ? "gone" : text));
    }
    // What names it may stand behind what is looked at.
    const std::string late =
        "UPDATE t /* " + std::string(17'000, 'x') + " */, mysql.m SET v=1, w='S'";
    CHECK(text_after(late, flavour) == "gone");
    const TableRules not_m(filters::SystemSchema::drop, {*filters::TablePattern::parse("app.m")},
                           {});
    CHECK(text_after("UPDATE t a JOIN m b SET a.v='b', b.v='S'", flavour, not_m) == "gone");
    CHECK(text_after("UPDATE t a JOIN m b SET a.v=b.v", flavour, not_m) != "gone");
    // Whichever rule is asked first.
    const filters::TablePattern only = *filters::TablePattern::parse("app.%");
    const TableRules only_app(filters::SystemSchema::drop, {}, {only});
    CHECK(text_after("UPDATE app.t a JOIN m SET a.v='b', m.v='S'", flavour, only_app) == "gone");
    CHECK(text_after("UPDATE t SET v='b'", flavour, only_app) != "gone");
  }
}

TEST_CASE("what has lost its statement goes, as that may have been on a dropped table") {
  // A master that dies leaves it at the end of its binlog.
  const auto is_kept = [](const BinlogBuilder& torn) {
    const Passed passed = pass(torn);
    check_coordinates(torn, passed);
    CHECK(passed.state == State::flowing);
    return as_text(passed.out).find("SECRET") != std::string_view::npos;
  };
  for (const Flavour& flavour : {mysql_97, mariadb}) {
    const auto torn = [&] {
      BinlogBuilder builder(flavour);
      builder.begin_dump().begin();
      return builder;
    };
    using enum EventType;
    CHECK_FALSE(is_kept(torn().event(begin_load_query, as_bytes("file-SECRET")).event(stop, {})));
    CHECK_FALSE(is_kept(torn().event(user_var, as_bytes("SECRET")).event(stop, {})));
    CHECK_FALSE(
        is_kept(torn().rows_query("INSERT INTO mysql.m VALUES ('SECRET')").event(stop, {})));
    CHECK_FALSE(is_kept(torn().rows_query("INSERT INTO app.t VALUES ('SECRET')").begin()));
    CHECK_FALSE(is_kept(torn().rows_query("SECRET").query("INSERT INTO app.t VALUES (1)")));
  }
}

TEST_CASE("an announcement that is too large to be held is replaced") {
  BinlogBuilder builder(mariadb);
  builder.begin_dump().begin().rows_query(std::string(2 << 20, 'x'));
  builder.table_map(1, "app", "t").rows(1, true).xid();
  const Passed passed = pass(builder);
  check_coordinates(builder, passed);
  CHECK(passed.events[3].header.type == EventType::ignorable);
  CHECK(passed.events[5].header.type == EventType::write_rows_v2);
}

TEST_CASE("a statement on the system schema within a transaction, and its companions") {
  using enum EventType;
  const auto build = [](const Flavour& flavour) {
    BinlogBuilder builder(flavour);
    builder.begin_dump().begin().intvar().query("INSERT INTO mysql.x VALUES (1)");
    builder.intvar().query("INSERT INTO app.t VALUES (1)").query("COMMIT");
    return builder;
  };
  CHECK(types(pass(build(mysql_97))) ==
        std::vector{gtid, query, ignorable, ignorable, intvar, query, query});
  CHECK(types(pass(build(mariadb))) ==
        std::vector{mariadb_gtid, ignorable, ignorable, intvar, query, query});
  const Passed old = pass(build(mysql_56));
  CHECK(types(old) == std::vector{gtid, query, ignorable, query, intvar, query, query});
  CHECK(old.events[5].text().find("SAVEPOINT _") != std::string::npos);
}

TEST_CASE("compressed statements are judged by their text") {
  using enum EventType;
  std::string values = "INSERT INTO mysql.x VALUES ('TOPSECRET')";
  for (int i = 0; i < 60'000; ++i) values += ", ('" + std::to_string(i * 7919) + "')";
  std::string late = "INSERT INTO /*" + std::string(300'000, ' ') + "*/ mysql.x VALUES (1)";
  BinlogBuilder builder(mariadb);
  builder.begin_dump();
  builder.standalone_gtid().query_compressed("CREATE USER u@h IDENTIFIED BY 'TOPSECRET'");
  builder.standalone_gtid().query_compressed("CREATE TABLE app.t (a INT)");
  builder.begin().intvar().query_compressed(values).query_compressed(late);
  builder.query_compressed("INSERT INTO app.t VALUES (1)").query("COMMIT");
  const Passed passed = pass(builder);
  check_coordinates(builder, passed);
  CHECK(passed.reason == "");
  CHECK(types(passed) == std::vector{mariadb_gtid, query, mariadb_gtid, query_compressed,
                                     mariadb_gtid, ignorable, ignorable, ignorable,
                                     query_compressed, query});
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{70'000}}) {
    StreamFilter filter(drop_system);
    CHECK(pass(filter, builder.stream(), piece) == passed.out);
  }
}

TEST_CASE("a compressed statement that cannot be judged stops the stream") {
  const auto reason = [](std::string_view text) {
    BinlogBuilder builder(mariadb);
    builder.begin_dump().standalone_gtid().query_compressed(text);
    return pass(builder).reason;
  };
  CHECK(reason("FROBNICATE") != "");
  // A comment before the target that inflates to more than is held for any statement.
  CHECK(reason("INSERT INTO /*" + std::string(std::size_t{40} << 20, ' ') + "*/ mysql.x") ==
        "it is too long to be judged");
  BinlogBuilder damaged(mariadb);
  damaged.begin_dump().standalone_gtid().event(EventType::query_compressed, Buffer(40, 0));
  CHECK(pass(damaged).reason == "malformed QUERY_COMPRESSED");
}

TEST_CASE("the blocks of LOAD DATA go the way of their statement, up to a limit") {
  using enum EventType;
  const std::string block(std::size_t{1} << 20, 'S');
  const auto build = [&](std::string_view table, std::size_t blocks) {
    BinlogBuilder builder(mysql_97);
    builder.begin_dump().begin().intvar();
    builder.load_data("LOAD DATA INFILE 'f' INTO TABLE " + std::string(table), block, blocks);
    builder.query("COMMIT");
    return builder;
  };
  const BinlogBuilder kept = build("app.t", 15);
  CHECK(pass(kept).out == kept.stream());
  const BinlogBuilder gone = build("mysql.t", 15);
  const Passed dropped = pass(gone);
  check_coordinates(gone, dropped);
  CHECK(as_text(dropped.out).find("SS") == std::string::npos);
  CHECK(dropped.events.size() == 2 + 2 + 1 + 15 + 1 + 1);
  for (const char* table : {"app.t", "mysql.t"}) {
    const Passed stopped = pass(build(table, 17));
    CHECK(stopped.reason == "LOAD DATA in statement format with more than 16 MiB of data");
    CHECK(as_text(stopped.out).find("SS") == std::string::npos);
  }
}

TEST_CASE("events over 16 MiB pass or are wiped, in whatever pieces they come") {
  const std::size_t full = 0xFFFFFF;
  const std::size_t overhead = 1 + 19 + 6 + 2 + 2 + 1 + 1 + 4;  // of one row event in its packet
  for (const std::size_t payload : {full - 1, full, full + 1, 2 * full, 2 * full + 100}) {
    for (const bool keep : {true, false}) {
      BinlogBuilder builder(mysql_97);
      builder.begin_dump().begin().table_map(1, keep ? "app" : "mysql", "t");
      builder.rows(1, true, std::string(payload - overhead, 'S')).xid();
      StreamFilter filter(drop_system);
      const Buffer out = pass(filter, builder.stream(), 100'000);
      CHECK(filter.state() == State::flowing);
      REQUIRE(out.size() == builder.size());
      if (keep) {
        CHECK(out == builder.stream());
      } else {
        CHECK(as_text(out).find("SS") == std::string::npos);
        for (const auto& event : read_events(out)) CHECK(event.crc_is_right());
      }
    }
  }
}

TEST_CASE("the mark of semi-synchronous replication stands before every event") {
  Flavour flavour = mysql_97;
  flavour.semi_sync = true;
  const BinlogBuilder builder = workload(flavour);
  const Passed passed = pass(builder, drop_system, true);
  CHECK(passed.state == State::flowing);
  check_coordinates(builder, passed, true);
  CHECK(as_text(passed.out).find("TOPSECRET") == std::string::npos);
  // Asked for by the replica, but turned off on the master by then.
  CHECK(pass(workload(mysql_97), drop_system, true).out.size() ==
        builder.size() - 2 * passed.events.size());
}

TEST_CASE("without checksums nothing is computed into the last bytes") {
  Flavour flavour = mysql_97;
  flavour.crc = false;
  BinlogBuilder builder(flavour);
  builder.begin_dump().begin().table_map(1, "mysql", "user").rows(1, true, "SECRET").xid();
  const Passed passed = pass(builder);
  CHECK(passed.out.size() == builder.size());
  const Buffer& dropped = passed.events[5].bytes;
  CHECK(std::all_of(dropped.begin() + 19, dropped.end(), [](auto byte) { return byte == 0; }));
}

TEST_CASE("what cannot be judged is not forwarded") {
  const auto fails = [](const BinlogBuilder& builder, std::string_view with) {
    const Passed passed = pass(builder);
    CHECK(passed.state == State::failed);
    CHECK_MESSAGE(passed.reason.find(with) != std::string::npos, passed.reason);
    CHECK(as_text(passed.out).find("SECRET") == std::string::npos);
  };
  const auto in_transaction = [] {
    BinlogBuilder builder(mysql_97);
    builder.begin_dump().begin();
    return builder;
  };
  fails(in_transaction().rows(99, true, "SECRET"), "no TABLE_MAP");
  fails(in_transaction().table_map(1, "app", "t").rows(2, true, "SECRET"), "no TABLE_MAP");
  fails(in_transaction().event(EventType::table_map, as_bytes("SECRET")), "malformed TABLE_MAP");
  fails(in_transaction().event(EventType::query, as_bytes("SECRET")), "malformed QUERY");
  fails(in_transaction().event(EventType{77}, as_bytes("SECRET")), "type of event");
  fails(in_transaction().event(EventType::partial_row_data, as_bytes("SECRET")), "type of event");
  fails(in_transaction().event(EventType::pre_ga_write_rows, as_bytes("SECRET")), "type of event");
  fails(in_transaction().event(EventType::transaction_payload, as_bytes("SECRET")),
        "in the middle");
  fails(in_transaction().event(EventType::write_rows_v2, as_bytes("SECR")), "malformed row");
  fails(in_transaction().query("FROBNICATE SECRET"), "");
  // Nor waited for: it says itself how large it is.
  const std::string large = "SECRET" + std::string(1024, 'x');
  fails(in_transaction().event(EventType::rotate, as_bytes(large)), "too large");
  fails(in_transaction().event(EventType::format_description, as_bytes(large)), "too large");

  Buffer lying = in_transaction().query("INSERT INTO app.t VALUES ('SECRET')").stream();
  lying[4 + 1 + 9] = 200;  // the first event's size
  StreamFilter filter(drop_system);
  CHECK(pass(filter, lying, lying.size()).empty());
  CHECK(filter.state() == State::failed);
}

TEST_CASE("an unknown event is wiped where servers that do not know it leave it out") {
  constexpr auto unknown = EventType{43};
  constexpr auto flag = binlog::event_flag::ignorable;
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().event(unknown, as_bytes("SECRET"), flag).query("create database app");
  const Passed passed = pass(builder);
  CHECK(passed.state == State::flowing);
  const auto& wiped = passed.events[passed.events.size() - 2];
  CHECK(wiped.header.type == EventType::ignorable);
  CHECK(wiped.header.flags == flag);
  CHECK(as_text(passed.out).find("SECRET") == std::string::npos);

  BinlogBuilder within_a_statement(mysql_97);
  within_a_statement.begin_dump().begin().table_map(1, "mysql", "t");
  CHECK(pass(within_a_statement.event(unknown, as_bytes("SECRET"), flag)).state == State::failed);
  BinlogBuilder of_mariadb(mariadb);
  CHECK(pass(of_mariadb.begin_dump().event(unknown, as_bytes("SECRET"), flag)).state ==
        State::failed);
}

TEST_CASE("status variables that are cut off matter to a statement that is judged") {
  const Buffer cut_off = {1, 0, 0};  // Q_SQL_MODE has eight bytes
  const auto transaction = [&](std::string_view statement) {
    BinlogBuilder builder(mysql_97);
    builder.begin_dump().gtid().query_of_session("BEGIN", cut_off);
    if (!statement.empty()) builder.query_of_session(statement, cut_off);
    return builder.query_of_session("COMMIT", cut_off);
  };
  for (const auto* statement : {"", "SAVEPOINT a"}) {
    const BinlogBuilder builder = transaction(statement);
    const Passed passed = pass(builder);
    CHECK(passed.state == State::flowing);
    CHECK(passed.out == builder.stream());
  }
  const BinlogBuilder builder = transaction("INSERT INTO app.t VALUES ('SECRET')");
  const Passed judged = pass(builder);
  CHECK(judged.state == State::failed);
  CHECK(judged.reason == "malformed QUERY");
  CHECK(as_text(judged.out).find("SECRET") == std::string::npos);
  const Passed unfiltered = pass(builder, TableRules(filters::SystemSchema::keep, {}, {}));
  CHECK(unfiltered.state == State::flowing);
  CHECK(unfiltered.out == builder.stream());
}

TEST_CASE("a new file in the middle of a statement lets go what was held before it") {
  for (const bool row_statement : {true, false}) {
    BinlogBuilder builder(mysql_97);
    builder.begin_dump().begin();
    if (row_statement) {
      builder.table_map(1, "mysql", "SECRET");
    } else {
      builder.intvar();
    }
    builder.begin_dump("binlog.000002").begin().table_map(1, "app", "t").rows(1, true).xid();
    const Passed passed = pass(builder);
    CHECK(passed.state == State::flowing);
    check_coordinates(builder, passed);
    CHECK(as_text(passed.out).find("SECRET") == std::string::npos);
    REQUIRE(passed.events.size() == 12);
    CHECK(passed.events[8].header.type == EventType::query);
    CHECK(passed.events[9].header.type == EventType::table_map);
  }
}

TEST_CASE("a stream that fails names the place, and ends between packets") {
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin().table_map(1, "app", "t");
  const std::uint64_t before = builder.position();
  builder.rows(2, true);
  StreamFilter filter(drop_system);
  const Buffer out = pass(filter, builder.stream(), 50);
  REQUIRE(filter.failure());
  CHECK(filter.failure()->at.file == "binlog.000001");
  CHECK(filter.failure()->at.position == before);
  CHECK(filter.failure()->type == EventType::write_rows_v2);
  CHECK(filter.between_packets());
  // ROTATE, FORMAT_DESCRIPTION, GTID, BEGIN; the TABLE_MAP was still held, or not.
  const auto released = read_events(out).size();
  CHECK(filter.next_sequence() == released + 1);
}

TEST_CASE("who fails a stream from outside is told the first event that has not gone") {
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin();
  const std::uint64_t before = builder.position();
  builder.intvar();
  StreamFilter filter(drop_system);
  const Buffer out = pass(filter, builder.stream(), 50);
  REQUIRE(out.size() < builder.size());
  filter.fail("no memory");
  CHECK(filter.failure()->at.position == before);
  CHECK(filter.failure()->reason == "no memory");
}

TEST_CASE("heartbeats do not tear a statement apart") {
  // A relay before this one sends them while it holds what comes.
  for (const Flavour& flavour : {mysql_97, mariadb}) {
    for (const bool dropped : {false, true}) {
      BinlogBuilder builder(flavour);
      builder.begin_dump().begin().intvar();
      builder.heartbeat("binlog.000001", builder.position(), false);
      const std::string table = dropped ? "mysql.SECRET" : "app.kept";
      builder.query("INSERT INTO " + table + " VALUES (NULL)").xid();
      const Passed passed = pass(builder);
      CHECK(passed.state == State::flowing);
      check_coordinates(builder, passed);
      if (!dropped) CHECK(passed.out == builder.stream());
      CHECK(as_text(passed.out).find("SECRET") == std::string::npos);
      const auto is_heartbeat = [](const auto& event) {
        return event.header.type == EventType::heartbeat;
      };
      CHECK(std::ranges::count_if(passed.events, is_heartbeat) == 1);
    }
  }
}

TEST_CASE("ERR and EOF go in the place of what is held") {
  // A master that is shut down ends the dump wherever it has got to.
  for (const Buffer& payload : {Buffer{0xFE, 0, 0, 2, 0}, Buffer{0xFF, 0xD4, 0x04, '#', 'H'}}) {
    BinlogBuilder kept(mariadb);
    kept.begin_dump().begin();
    BinlogBuilder builder = kept;
    const std::size_t before = kept.size();
    builder.rows_query("INSERT INTO mysql.m VALUES ('SECRET')").table_map(1, "mysql", "m");
    builder.control(payload);
    kept.control(payload);
    for (const std::size_t piece : {std::size_t{1}, before + 1, builder.size()}) {
      StreamFilter filter(drop_system);
      CHECK(pass(filter, builder.stream(), piece) == kept.stream());
      CHECK(filter.state() == State::ended);
      CHECK(filter.end_size() == 4 + payload.size());
    }
  }
}

TEST_CASE("packets are counted anew behind what is acknowledged") {
  Flavour flavour = mysql_97;
  flavour.semi_sync = true;
  BinlogBuilder builder(flavour);
  builder.begin_dump().begin().table_map(1, "app", "t").rows(1, true).acknowledged_xid();
  for (const std::size_t piece : {std::size_t{1}, builder.size()}) {
    StreamFilter filter(drop_system, {filters::packets(true)});
    CHECK(pass(filter, builder.stream(), piece) == builder.stream());
    CHECK(filter.next_sequence() == 1);
  }
  builder.begin();
  StreamFilter filter(drop_system, {filters::packets(true)});
  CHECK(pass(filter, builder.stream(), 50) == builder.stream());
  CHECK(filter.next_sequence() == 3);
}

TEST_CASE("an event that is held and fills its packet stops the stream for what it is") {
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin();
  const std::size_t head = binlog::event_header_size + 4;  // and the checksum
  builder.event(EventType::user_var, Buffer(0xFFFFFF - 1 - head, 'v'));
  builder.query("INSERT INTO t VALUES (@v)").xid();
  const Passed passed = pass(builder);
  CHECK(passed.state == State::failed);
  CHECK(passed.reason == "an event that is too large to be judged");
}

TEST_CASE("START_ENCRYPTION counts only where it is in the file") {
  for (const bool repeated : {true, false}) {
    BinlogBuilder builder(mariadb);
    builder.begin_dump("binlog.000001", 1000);
    builder.event(EventType::start_encryption, Buffer(17, 1), binlog::event_flag::ignorable,
                  1700000000, !repeated);
    StreamFilter filter(drop_system);
    CHECK(pass(filter, builder.stream(), 50) == builder.stream());
    CHECK(filter.position().position == (repeated ? 1000 : builder.position()));
  }
}

TEST_CASE("ERR and EOF go through") {
  for (const Buffer& payload : {Buffer{0xFE, 0, 0, 2, 0}, Buffer{0xFF, 0xD4, 0x04, '#', 'H'}}) {
    BinlogBuilder builder(mysql_97);
    builder.begin_dump().control(payload);
    for (const std::size_t piece : {std::size_t{1}, builder.size()}) {
      StreamFilter filter(drop_system);
      CHECK(pass(filter, builder.stream(), piece) == builder.stream());
      CHECK(filter.state() == State::ended);
    }
  }
}

TEST_CASE("a stream can be stopped where a group ends") {
  BinlogBuilder builder(mysql_97);
  builder.begin_dump().begin().table_map(1, "app", "t").rows(1, true);
  const std::size_t in_group = builder.size();
  builder.xid();
  const std::size_t border = builder.size();
  builder.begin().xid();
  StreamFilter filter(drop_system);
  Buffer first(builder.stream().begin(),
               builder.stream().begin() + static_cast<std::ptrdiff_t>(in_group));
  CHECK(filter.scan(first) == in_group);
  CHECK_FALSE(filter.at_group_border());
  filter.stop_at_group_border();
  Buffer rest(builder.stream().begin() + static_cast<std::ptrdiff_t>(in_group),
              builder.stream().end());
  CHECK(filter.scan(rest) == border - in_group);
  CHECK(filter.state() == State::stopped);
  CHECK(filter.at_group_border());
}

TEST_CASE("an unfiltered stream that begins within a group is not at its border") {
  const TableRules nothing(filters::SystemSchema::keep, {}, {});
  BinlogBuilder builder(mysql_97);
  builder.begin_dump("binlog.000001", 1000).table_map(1, "app", "t").rows(1, true);
  StreamFilter filter(nothing);
  CHECK(pass(filter, builder.stream(), 50) == builder.stream());
  CHECK_FALSE(filter.at_group_border());
  BinlogBuilder end(mysql_97);
  end.xid();
  CHECK(pass(filter, end.stream(), 50) == end.stream());
  CHECK(filter.at_group_border());
}

namespace {

/// What the master would send to a replica that comes back at each of the events comes out as it
/// does from the beginning on.
void check_each_beginning(const Flavour& flavour, const BinlogBuilder& whole,
                          const TableRules& rules) {
  const Passed expected = pass(whole, rules);
  const auto events = read_events(whole.stream());
  for (std::size_t i = 2; i < events.size(); ++i) {
    CAPTURE(i);
    const std::uint64_t position = events[i].header.log_pos - events[i].header.size;
    BinlogBuilder from(flavour);
    from.begin_dump("binlog.000001", position);
    Buffer stream = from.stream();
    std::size_t at = 0;
    for (std::size_t skipped = 0; skipped < i; ++skipped)
      at += 4 + 1 + events[skipped].bytes.size();
    stream.insert(stream.end(), whole.stream().begin() + static_cast<std::ptrdiff_t>(at),
                  whole.stream().end());

    StreamFilter filter(rules);
    Buffer input(stream);
    std::size_t released = filter.scan(input);
    if (filter.state() == State::needs_context) {
      CHECK(filter.position().position >= position);
      StreamFilter behind(rules);
      behind.stop_at_position(filter.position().position);
      Buffer again(whole.stream());
      (void)behind.scan(again);
      REQUIRE(behind.state() == State::stopped);
      filter.adopt_context(behind.context());
      released += filter.scan(MutableBytes(input).subspan(released));
    }
    CHECK(filter.state() == State::flowing);
    REQUIRE(released == input.size());
    const auto resumed = read_events(input);
    REQUIRE(resumed.size() == 2 + events.size() - i);
    for (std::size_t k = i; k < events.size(); ++k) {
      CAPTURE(k);
      CHECK(resumed[2 + k - i].bytes == expected.events[k].bytes);
    }
  }
}

}  // namespace

TEST_CASE("a stream may begin at any event of a group and comes out the same") {
  for (const Flavour& flavour : {mysql_97, mysql_56, mariadb}) {
    check_each_beginning(flavour, workload(flavour), drop_system);
  }
}

TEST_CASE("a stream may begin behind TABLE_MAPs that have no room for a SAVEPOINT") {
  const TableRules rules(filters::SystemSchema::drop, {*filters::TablePattern::parse("d.%")}, {});
  BinlogBuilder builder(mysql_57);
  builder.begin_dump().begin().table_map(1, "d", "a").rows(1, false, "a row that is long enough");
  builder.rows(1, false, "another long enough one").rows(1, true, "and the last one of them").xid();
  const Passed passed = pass(builder, rules);
  using enum EventType;
  CHECK(types(passed) == std::vector{gtid, query, ignorable, query, ignorable, ignorable, xid});
  check_each_beginning(mysql_57, builder, rules);
}

TEST_CASE("behind a transaction's own SAVEPOINT there is none of the filter's") {
  // It would take the place of one of the same name, and a ROLLBACK TO would undo less.
  using enum EventType;
  BinlogBuilder builder(mysql_57);
  builder.begin_dump().begin().query("INSERT INTO mysql.x VALUES (1)");
  builder.query("SAVEPOINT _").query("INSERT INTO mysql.x VALUES (1)");
  builder.rows_query("INSERT INTO mysql.user").table_map(1, "mysql", "user").rows(1, true);
  builder.query("ROLLBACK TO _").xid();
  builder.begin().query("INSERT INTO mysql.x VALUES (1)").xid();
  const Passed passed = pass(builder);
  CHECK(types(passed) == std::vector{gtid, query, query, query, ignorable, ignorable, ignorable,
                                     ignorable, query, xid, gtid, query, query, xid});
  check_coordinates(builder, passed);
  check_each_beginning(mysql_57, builder, drop_system);
}

TEST_CASE("a position that no event begins at is an error") {
  BinlogBuilder builder = workload(mysql_97);
  StreamFilter behind(drop_system);
  behind.stop_at_position(builder.position() - 3);
  builder.control(Buffer{0xFE, 0, 0, 2, 0});
  Buffer input(builder.stream());
  (void)behind.scan(input);
  CHECK(behind.state() == State::failed);
}

TEST_CASE("positions are followed by sizes where the master writes none") {
  BinlogBuilder builder(mariadb);
  builder.begin_dump().begin().table_map(1, "app", "t").rows(1, true).xid();
  Buffer stream(builder.stream());
  // MariaDB 11.4 and later: no log_pos within a transaction. The checksums are nobody's business.
  std::size_t at = 0;
  for (const auto& event : read_events(stream)) {
    if (event.header.type == EventType::table_map ||
        event.header.type == EventType::write_rows_v2) {
      store_le(stream.data() + at + 5 + 13, 0, 4);
    }
    at += 4 + 1 + event.bytes.size();
  }
  StreamFilter filter(drop_system);
  (void)pass(filter, Bytes(stream).first(stream.size() - 36), 40);
  const auto events = read_events(builder.stream());
  CHECK(filter.position().position == events.back().header.log_pos - events.back().header.size);
}

// What the builder writes is shaped like what real servers write.
#include "unit/protocol/binlog/binlog_builder.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/gtid_event.hpp"
#include "protocol/binlog/heartbeat.hpp"
#include "protocol/binlog/mariadb_gtid.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/table_map.hpp"
#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using binlog::EventType;
using test::BinlogBuilder;
using test::packets_of;
using test::ReadEvent;

namespace {

struct Server {
  std::string_view recording;
  BinlogBuilder::Flavour flavour;
};

const Server servers[] = {{"mysql-5.6-gtid", {"5.6.24-log", 35, true, false}},
                          {"mysql-5.7-gtid", {"5.7.36-log", 38, true, false}},
                          {"mysql-8.0-gtid", {"8.0.15", 39, true, false}},
                          {"mysql-9.7-gtid", {"9.7.4-2", 42, true, false}},
                          {"mysql-9.7-semisync", {"9.7.4-2", 42, true, true}},
                          {"mysql-9.7-nochecksum", {"9.7.4-2", 42, false, false}},
                          {"mariadb-10.11-gtid", {"10.11.19-MariaDB-log", 171, true, false}},
                          {"mariadb-11.8-nochecksum", {"11.8.6-MariaDB-log", 171, false, false}}};

std::vector<ReadEvent> of_type(const std::vector<ReadEvent>& events, EventType type) {
  std::vector<ReadEvent> found;
  std::ranges::copy_if(events, std::back_inserter(found),
                       [&](const ReadEvent& event) { return event.header.type == type; });
  return found;
}

Bytes body_of(const ReadEvent& event) {
  return Bytes(event.bytes).subspan(binlog::event_header_size);
}

/// A recorded event and what the builder makes of it, and their bodies without checksums.
struct Pair {
  ReadEvent real, made;
  Bytes real_body, made_body;
};

bool same(const Pair& pair, std::size_t at, std::size_t size) {
  return std::ranges::equal(pair.made_body.subspan(at, size), pair.real_body.subspan(at, size));
}

/// Builds each recorded event of these types again, and counts them.
template <typename Build, typename Check>
std::size_t rebuild_each(const Server& server, const std::vector<EventType>& types, Build build,
                         Check check) {
  CAPTURE(server.recording);
  const std::size_t crc = server.flavour.crc ? 4 : 0;
  std::size_t seen = 0;
  for (auto& event : test::recording(server.recording).events()) {
    if (std::ranges::count(types, event.header.type) == 0) continue;
    Pair pair{event, {}, {}, {}};
    pair.real_body = body_of(pair.real).first(body_of(pair.real).size() - crc);
    BinlogBuilder builder(server.flavour);
    build(builder, pair);
    pair.made = test::read_events(builder.stream(), server.flavour.semi_sync).at(0);
    pair.made_body = body_of(pair.made).first(body_of(pair.made).size() - crc);
    CHECK(pair.made.header.type == pair.real.header.type);
    check(pair);
    ++seen;
  }
  return seen;
}

}  // namespace

TEST_CASE("builder: a dump begins as a recorded one does") {
  for (const auto& [name, flavour] : servers) {
    CAPTURE(name);
    const auto& recording = test::recording(name);
    const BinlogBuilder builder = [&flavour = flavour] {
      BinlogBuilder made(flavour);
      made.begin_dump();
      return made;
    }();
    const auto real = packets_of(recording.stream, flavour.semi_sync);
    const auto made = packets_of(builder.stream(), flavour.semi_sync);
    REQUIRE(made.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CAPTURE(i);
      CHECK(std::ranges::equal(made[i].prefix, real[i].prefix));
      const auto made_header = *binlog::parse_event_header(made[i].event);
      const auto real_header = *binlog::parse_event_header(real[i].event);
      CHECK(made_header.type == real_header.type);
      CHECK(made_header.size == real_header.size);
      CHECK(made_header.flags == real_header.flags);
      CHECK(made_header.log_pos == real_header.log_pos);
    }
    // ROTATE: all but the server's id and the checksum.
    const std::size_t size = binlog::event_header_size + 8 + 13;
    CHECK(std::ranges::equal(made[0].event.subspan(17, size - 17),
                             real[0].event.subspan(17, size - 17)));
    const auto made_format = binlog::parse_format_description(made[1].event);
    const auto real_format = binlog::parse_format_description(real[1].event);
    REQUIRE(made_format);
    CHECK(made_format->checksum == real_format->checksum);
    CHECK(made_format->mariadb == real_format->mariadb);
    for (const auto type : {EventType::query, EventType::table_map}) {
      const auto at = static_cast<std::size_t>(type);
      CHECK(made_format->post_header_size[at] == real_format->post_header_size[at]);
    }
  }
}

TEST_CASE("builder: GTIDs have the layout of their server") {
  for (const auto& [name, flavour] : servers) {
    CAPTURE(name);
    BinlogBuilder builder(flavour);
    builder.begin_dump().gtid().standalone_gtid();
    const bool mariadb = flavour.types > 160;
    auto type = mariadb ? EventType::mariadb_gtid : EventType::gtid;
    const auto made = of_type(test::read_events(builder.stream(), flavour.semi_sync), type);
    REQUIRE(made.size() == 2);
    const auto recorded = test::recording(name).events();
    auto real = of_type(recorded, type);
    if (real.empty()) real = of_type(recorded, EventType::anonymous_gtid);
    REQUIRE_FALSE(real.empty());
    // The length of the group has one byte or three.
    CHECK((made[0].header.size == real[0].header.size ||
           made[0].header.size == real[0].header.size + 2));
    if (mariadb) {
      CHECK_FALSE(binlog::parse_mariadb_gtid(made[0].header, body_of(made[0]))->standalone());
      CHECK(binlog::parse_mariadb_gtid(made[1].header, body_of(made[1]))->standalone());
      CHECK(to_text(*binlog::parse_mariadb_gtid(made[1].header, body_of(made[1]))) == "0-17-2");
      continue;
    }
    CHECK(to_text(*binlog::parse_gtid_event(type, body_of(made[1]))) ==
          "abababab-abab-abab-abab-abababababab:2");
    // The mark of the logical clock, from 5.7 on.
    const std::size_t mark = binlog::event_header_size + 25;
    if (flavour.types > 35) CHECK(made[0].bytes[mark] == real[0].bytes[mark]);
  }
}

TEST_CASE("builder: recorded statements can be built again") {
  for (const auto& server : servers) {
    const auto seen = rebuild_each(
        server, {EventType::query},
        [](auto& builder, const Pair& pair) {
          const auto query =
              *binlog::parse_query_event(pair.real_body, binlog::query_post_header_size);
          builder.query(query.text, query.schema);
        },
        [](const Pair& pair) {
          const auto real =
              binlog::parse_query_event(pair.real_body, binlog::query_post_header_size);
          const auto made =
              binlog::parse_query_event(pair.made_body, binlog::query_post_header_size);
          REQUIRE(made);
          CHECK(made->text == real->text);
          CHECK(made->schema == real->schema);
        });
    CHECK(seen >= 4);
  }
}

TEST_CASE("builder: recorded maps can be built again") {
  for (const auto& server : servers) {
    const auto seen = rebuild_each(
        server, {EventType::table_map},
        [](auto& builder, const Pair& pair) {
          const auto map = *binlog::parse_table_map(pair.real_body);
          builder.table_map(map.table_id, map.schema, map.table);
        },
        [](const Pair& pair) {
          const auto map = *binlog::parse_table_map(pair.real_body);
          // The number; names, and two columns of types INT and VARCHAR. The flags differ.
          const std::size_t names = 1 + map.schema.size() + 1 + 1 + map.table.size() + 1;
          CHECK(same(pair, 0, 6));
          CHECK(same(pair, 8, names + 1 + 2));
        });
    CHECK(seen >= 5);
  }
}

TEST_CASE("builder: recorded rows can be built again") {
  for (const auto& server : servers) {
    const auto seen = rebuild_each(
        server, {EventType::write_rows_v1, EventType::write_rows_v2},
        [](auto& builder, const Pair& pair) {
          const auto rows = *binlog::parse_rows_prefix(pair.real_body);
          builder.rows(rows.table_id, rows.ends_statement(), "row", pair.real.header.type);
        },
        [](const Pair& pair) {
          CHECK(same(pair, 0, 6));
          CHECK(binlog::parse_rows_prefix(pair.made_body)->ends_statement() ==
                binlog::parse_rows_prefix(pair.real_body)->ends_statement());
          CHECK(same(pair, 8, pair.real.header.type == EventType::write_rows_v2 ? 3 : 1));
        });
    CHECK(seen >= 2);
  }
}

TEST_CASE("builder: recorded heartbeats can be built again") {
  for (const auto& server : servers) {
    rebuild_each(
        server, {EventType::heartbeat, EventType::heartbeat_v2},
        [](auto& builder, const Pair& pair) {
          const auto heartbeat = *binlog::parse_heartbeat(pair.real.header, pair.real_body);
          builder.heartbeat(heartbeat.file, heartbeat.position,
                            pair.real.header.type == EventType::heartbeat_v2);
        },
        [](const Pair& pair) {
          CHECK(std::ranges::equal(pair.made_body, pair.real_body));
          CHECK(pair.made.header.log_pos == pair.real.header.log_pos);
        });
  }
}

TEST_CASE("builder: small events have their size") {
  const auto check_size = [](const Pair& pair) {
    CHECK(pair.made_body.size() == pair.real_body.size());
  };
  for (const auto& server : servers) {
    rebuild_each(
        server, {EventType::xid}, [](auto& builder, const Pair&) { builder.xid(); }, check_size);
    rebuild_each(
        server, {EventType::intvar}, [](auto& builder, const Pair&) { builder.intvar(); },
        [&](const Pair& pair) {
          check_size(pair);
          CHECK(same(pair, 0, 1));
        });
    rebuild_each(
        server, {EventType::rows_query, EventType::annotate_rows},
        [](auto& builder, const Pair& pair) {
          const std::size_t length = pair.real.header.type == EventType::rows_query ? 1 : 0;
          builder.rows_query(as_text(pair.real_body.subspan(length)));
        },
        check_size);
  }
}

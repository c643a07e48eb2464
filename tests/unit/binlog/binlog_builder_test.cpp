// What the builder writes is shaped like what real servers write.
#include "unit/binlog/binlog_builder.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/gtid_event.hpp"
#include "protocol/binlog/heartbeat.hpp"
#include "protocol/binlog/mariadb_gtid.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/table_map.hpp"
#include "unit/binlog/recordings.hpp"

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

TEST_CASE("builder: recorded statements, maps and rows can be built again") {
  for (const auto& [name, flavour] : servers) {
    CAPTURE(name);
    std::size_t maps = 0, rows = 0;
    for (const auto& real : test::recording(name).events()) {
      const std::size_t crc = flavour.crc ? 4 : 0;
      const Bytes body = body_of(real).first(body_of(real).size() - crc);
      const auto rebuilt = [&, &flavour = flavour](auto build) {
        BinlogBuilder builder(flavour);
        build(builder);
        return test::read_events(builder.stream(), flavour.semi_sync).at(0);
      };
      const auto body_within = [&](const ReadEvent& made) {
        return body_of(made).first(body_of(made).size() - crc);
      };
      switch (real.header.type) {
        case EventType::query: {
          const auto query = *binlog::parse_query_event(body, binlog::query_post_header_size);
          const auto made =
              rebuilt([&](auto& builder) { builder.query(query.text, query.schema); });
          const auto again =
              binlog::parse_query_event(body_within(made), binlog::query_post_header_size);
          REQUIRE(again);
          CHECK(again->text == query.text);
          CHECK(again->schema == query.schema);
          break;
        }
        case EventType::table_map: {
          const auto map = *binlog::parse_table_map(body);
          const auto made = rebuilt(
              [&](auto& builder) { builder.table_map(map.table_id, map.schema, map.table); });
          // Ids, names, and two columns of types INT and VARCHAR.
          const std::size_t same = 8 + 1 + map.schema.size() + 1 + 1 + map.table.size() + 1 + 4;
          CHECK(std::ranges::equal(body_within(made).first(same).first(6), body.first(6)));
          CHECK(std::ranges::equal(body_within(made).first(same).subspan(8),
                                   body.first(same).subspan(8)));
          ++maps;
          break;
        }
        case EventType::write_rows_v1:
        case EventType::write_rows_v2: {
          const auto prefix = *binlog::parse_rows_prefix(body);
          const auto made = rebuilt([&](auto& builder) {
            builder.rows(prefix.table_id, prefix.ends_statement(), "row", real.header.type);
          });
          const std::size_t columns = real.header.type == EventType::write_rows_v2 ? 10 : 8;
          CHECK(std::ranges::equal(body_within(made).first(6), body.first(6)));
          CHECK(binlog::parse_rows_prefix(body_within(made))->ends_statement() ==
                prefix.ends_statement());
          CHECK(std::ranges::equal(body_within(made).subspan(8, columns - 8 + 1),
                                   body.subspan(8, columns - 8 + 1)));
          ++rows;
          break;
        }
        case EventType::xid:
          CHECK(rebuilt([](auto& builder) { builder.xid(); }).header.size == real.header.size);
          break;
        case EventType::intvar:
          CHECK(rebuilt([](auto& builder) { builder.intvar(); }).bytes[binlog::event_header_size] ==
                real.bytes[binlog::event_header_size]);
          CHECK(rebuilt([](auto& builder) { builder.intvar(); }).header.size == real.header.size);
          break;
        case EventType::rows_query:
        case EventType::annotate_rows: {
          const std::size_t length = real.header.type == EventType::rows_query ? 1 : 0;
          const auto text = as_text(body.subspan(length));
          CHECK(rebuilt([&](auto& builder) { builder.rows_query(text); }).header.size ==
                real.header.size);
          break;
        }
        case EventType::heartbeat:
        case EventType::heartbeat_v2: {
          const auto heartbeat = *binlog::parse_heartbeat(real.header, body);
          const bool second = real.header.type == EventType::heartbeat_v2;
          const auto made = rebuilt([&](auto& builder) {
            builder.heartbeat(heartbeat.file, heartbeat.position, second);
          });
          CHECK(std::ranges::equal(body_within(made), body));
          CHECK(made.header.log_pos == real.header.log_pos);
          break;
        }
        default:
          break;
      }
    }
    CHECK(maps >= 5);
    CHECK(rows >= 2);
  }
}

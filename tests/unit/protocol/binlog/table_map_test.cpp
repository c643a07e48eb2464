#include "protocol/binlog/table_map.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/rows_event.hpp"
#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::hex;

namespace {

struct Parts {
  std::string schema = "app";
  std::string table = "t";
  std::size_t columns = 2;
  std::size_t metadata = 2;
};

/// Everything that must be there, without the optional metadata behind it.
Buffer map_body(const Parts& parts) {
  Buffer body;
  Writer writer(body);
  writer.u48(109).u16(1).lenenc_text(parts.schema).u8(0).lenenc_text(parts.table).u8(0);
  writer.lenenc(parts.columns).zeros(parts.columns).lenenc(parts.metadata).zeros(parts.metadata);
  writer.zeros((parts.columns + 7) / 8);
  return body;
}

}  // namespace

TEST_CASE("table map: recorded ones") {
  const auto events = test::recorded_events(EventType::table_map);
  CHECK(events.size() > 200);
  for (const auto& event : events) {
    CAPTURE(event.recording);
    const auto map = parse_table_map(event.body);
    REQUIRE(map);
    if (event.recording.ends_with("forms")) continue;  // other tables
    CHECK(map->table_id > 0);
    const auto name = std::string(map->schema) + "." + std::string(map->table);
    CHECK((name == "app.t" || name == "mysql.secret_t"));
    // Two columns, of which one has two bytes of metadata. The rest is optional.
    const std::size_t enough =
        6 + 2 + 1 + map->schema.size() + 1 + 1 + map->table.size() + 1 + 1 + 2 + 1 + 2 + 1;
    test::for_each_truncation(event.body, [&](Bytes part) {
      const auto cut = parse_table_map(part);
      REQUIRE(cut.has_value() == (part.size() >= enough));
      if (cut) CHECK(cut->table == map->table);
    });
  }
}

TEST_CASE("table map: names and columns of every number") {
  for (const std::size_t size : {0U, 1U, 64U, 192U, 250U, 251U, 255U, 256U, 70000U}) {
    CAPTURE(size);
    const std::string name(size, 'n');
    const Buffer schema = map_body({name, "t"});
    const Buffer table = map_body({"app", name});
    // They are kept, and no server has longer ones.
    REQUIRE(parse_table_map(schema).has_value() == (size <= max_name));
    REQUIRE(parse_table_map(table).has_value() == (size <= max_name));
    if (size <= max_name) {
      CHECK(parse_table_map(schema)->schema == name);
      CHECK(parse_table_map(table)->table == name);
    }
    const Buffer columns = map_body({"app", "t", size, size});
    CHECK(parse_table_map(columns)->table == "t");
    test::for_each_truncation(Bytes(columns).first(std::min<std::size_t>(columns.size(), 600)),
                              [&](Bytes part) {
                                if (part.size() < columns.size())
                                  CHECK_FALSE(parse_table_map(part));
                              });
  }
  const Buffer largest_id = [] {
    Buffer body = map_body({});
    store_le(body.data(), dummy_table_id, 6);
    return body;
  }();
  CHECK(parse_table_map(largest_id)->table_id == dummy_table_id);
}

TEST_CASE("table map: what contradicts itself") {
  const std::size_t schema_end = 8 + 1 + 3, table_end = schema_end + 1 + 1 + 1,
                    columns = table_end + 1;
  struct Case {
    std::string_view what;
    std::size_t at;
    std::string_view bytes;
  };
  for (const auto& [what, at, bytes] :
       {Case{"schema without an end", schema_end, "2e"},
        Case{"table without an end", table_end, "2e"}, Case{"a schema that is too long", 8, "f0"},
        Case{"NULL for a schema", 8, "fb"}, Case{"no length at all", 8, "ff"},
        Case{"more columns than bytes", columns, "fa"},
        Case{"columns near 2^64", columns, "fe ff ff ff ff ff ff ff ff"},
        Case{"more metadata than bytes", columns + 3, "09"}}) {
    CAPTURE(what);
    Buffer body = map_body({});
    const Buffer patch = hex(bytes);
    body.resize(std::max(body.size(), at + patch.size()));
    std::copy(patch.begin(), patch.end(), body.begin() + static_cast<std::ptrdiff_t>(at));
    CHECK_FALSE(parse_table_map(body));
  }
}

TEST_CASE("row events: recorded ones belong to the maps before them") {
  std::size_t seen = 0, ends = 0;
  for (const auto& recording : test::recordings()) {
    CAPTURE(recording.name);
    std::vector<std::uint64_t> maps;
    for (const auto& event : recording.events()) {
      const Bytes body = Bytes(event.bytes).subspan(event_header_size);
      if (event.header.type == EventType::table_map)
        maps.push_back(parse_table_map(body)->table_id);
      if (!rows_layout(event.header.type)) continue;
      const auto rows = parse_rows_prefix(body);
      REQUIRE(rows);
      ++seen;
      CHECK((maps.empty() || std::ranges::count(maps, rows->table_id) > 0));
      if (rows->ends_statement()) {
        ++ends;
        maps.clear();
      }
      test::for_each_truncation(body, [&](Bytes part) {
        const auto cut = parse_rows_prefix(part);
        REQUIRE(cut.has_value() == (part.size() >= rows_prefix_size));
        if (cut) CHECK(cut->table_id == rows->table_id);
      });
    }
  }
  CHECK(seen > 200);
  CHECK(ends > 150);
}

TEST_CASE("row events: the layout of each type") {
  std::size_t known = 0;
  for (unsigned number = 0; number < 256; ++number) {
    const EventType type{static_cast<std::uint8_t>(number)};
    const auto layout = rows_layout(type);
    const auto name = name_of(type);
    const bool rows = name.find("_ROWS") != std::string_view::npos && !name.starts_with("PRE_GA") &&
                      type != EventType::annotate_rows;
    CAPTURE(name);
    REQUIRE(layout.has_value() == rows);
    if (!layout) continue;
    ++known;
    CHECK(layout->update == (name.find("UPDATE") != std::string_view::npos));
    CHECK(layout->extra_data == !name.ends_with("V1"));
    CHECK(name.starts_with(name_of(layout->plain).substr(0, 6)));
    CHECK(name_of(layout->plain).find("COMPRESSED") == std::string_view::npos);
  }
  CHECK(known == 13);
}

#include "protocol/binlog/query_event.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::bytes_of;
using test::hex;

namespace {

struct Parts {
  Buffer variables;
  std::string_view schema = "app";
  std::string_view text = "SELECT 1";
};

Buffer query_body(const Parts& parts) {
  Buffer body;
  Writer(body).u32(9).u32(0).u8(parts.schema.size()).u16(0).u16(parts.variables.size());
  Writer(body).bytes(parts.variables).text_nul(parts.schema).text(parts.text);
  return body;
}

std::optional<QueryEvent> parse(const Buffer& body) {
  return parse_query_event(body, query_post_header_size);
}

std::optional<StatusVariables> variables(std::string_view text) {
  return parse_status_variables(hex(text));
}

// What 9.7 writes: flags2, sql_mode, catalog, character sets, updated schemas, ...
const std::string_view variables_97 =
    "00 00000000 01 2000a04500000000 06 03 737464 04 2100 2100 ff00 0c 01 61707000 11 "
    "0300000000000000 12 ff00";

}  // namespace

TEST_CASE("query: recorded ones") {
  std::size_t seen = 0;
  for (const auto type : {EventType::query, EventType::execute_load_query}) {
    const bool load = type == EventType::execute_load_query;
    const std::size_t fixed = load ? execute_load_post_header_size : query_post_header_size;
    for (const auto& event : test::recorded_events(type)) {
      CAPTURE(event.recording);
      const auto query = parse_query_event(event.body, fixed);
      REQUIRE(query);
      ++seen;
      CHECK((query->schema.empty() || query->schema == "app" || query->schema == "mysql"));
      CHECK_FALSE(query->text.empty());
      CHECK(query->text.find('\0') == std::string_view::npos);
      REQUIRE(query->behind_file_name.has_value() == load);
      if (load) {
        CHECK(query->text.starts_with("LOAD DATA"));
        CHECK(query->text.substr(*query->behind_file_name).starts_with(" TABLE "));
      }
      const auto session = parse_status_variables(query->status_variables);
      REQUIRE(session);
      CHECK(session->sql_mode != 0);
      CHECK((session->client_charset == 33 || session->client_charset == 2048));
      const std::size_t before_text = event.body.size() - query->text.size();
      test::for_each_truncation(event.body, [&](Bytes part) {
        const auto cut = parse_query_event(part, fixed);
        REQUIRE(cut.has_value() == (part.size() >= before_text));
        if (!cut) return;
        CHECK(query->text.starts_with(cut->text));
        CHECK(cut->text.size() == part.size() - before_text);
        CHECK(cut->schema == query->schema);
        CHECK(std::ranges::equal(cut->status_variables, query->status_variables));
      });
    }
  }
  CHECK(seen > 300);
}

TEST_CASE("query: status variables that matter") {
  const Buffer body = query_body({hex(variables_97)});
  const auto query = parse(body);
  REQUIRE(query);
  CHECK(query->schema == "app");
  CHECK(query->text == "SELECT 1");
  const auto session = parse_status_variables(query->status_variables);
  REQUIRE(session);
  CHECK(session->sql_mode == 0x45a00020);
  CHECK(session->client_charset == 33);
  CHECK(session->updated_tables == 0);

  CHECK(variables("")->sql_mode == 0);
  CHECK(variables("")->client_charset == 0);
  // In whatever order, and with catalog names of old and new.
  const auto old = variables(
      "04 1c00 1c00 0800 02 03 737464 00 05 06 53595354454d 03 02000100 01 0400000000000000");
  REQUIRE(old);
  CHECK(old->client_charset == 28);
  CHECK(old->sql_mode == 4);
  // Of a multi-table UPDATE: language, the database's character set, the tables that it changes.
  const auto update = variables("01 0400000000000000 07 0000 08 2100 09 0500000000000000");
  REQUIRE(update);
  CHECK(update->updated_tables == 5);
  // MariaDB 11.2 and later: collations of character sets stand before the character set.
  for (const std::string_view collations :
       {"83 00", "83 01 2100 f001", "83 02 2100 f001 0800 2f00"}) {
    CAPTURE(std::string(collations));
    const auto mariadb = variables("01 0400000000000000 06 03 737464 " + std::string(collations) +
                                   " 04 0800 0800 0800 09 0600000000000000");
    REQUIRE(mariadb);
    CHECK(mariadb->client_charset == 8);
    CHECK(mariadb->updated_tables == 6);
  }
}

TEST_CASE("query: status variables cut at every byte") {
  const Buffer all = hex(variables_97);
  // Between two variables, and from the first one on that does not matter, a cut is no fault.
  const std::vector<std::size_t> whole{0, 5, 14, 19, 26};
  test::for_each_truncation(all, [&](Bytes part) {
    CAPTURE(part.size());
    const bool expected = part.size() > 26 || std::ranges::count(whole, part.size()) > 0;
    CHECK(parse_status_variables(part).has_value() == expected);
  });
}

TEST_CASE("query: unknown status variables end the walk") {
  for (unsigned code = 10; code < 256; ++code) {
    if (code == 131) continue;
    CAPTURE(code);
    Buffer written = hex("01 0400000000000000");
    Writer(written).u8(code).u8(1).u64(8);  // reads as sql_mode 8 when taken for code 1
    const auto session = parse_status_variables(written);
    REQUIRE(session);
    CHECK(session->sql_mode == 4);
  }
}

TEST_CASE("query: schema names of every length") {
  for (std::size_t size = 0; size < 256; ++size) {
    const std::string schema(size, 's');
    Buffer body = query_body({{}, schema, "TEXT"});
    REQUIRE(parse(body));
    CHECK(parse(body)->schema == schema);
    CHECK(parse(body)->text == "TEXT");
    body[query_post_header_size + size] = 'x';  // its end
    CHECK_FALSE(parse(body));
  }
}

TEST_CASE("query: corner cases") {
  const Buffer empty_text = query_body({{}, "", ""});
  CHECK(parse(empty_text)->text.empty());
  Buffer lying = query_body({});
  store_le(lying.data() + 11, 0xFFFF, 2);  // more status variables than there are bytes
  CHECK_FALSE(parse(lying));
  const Buffer body = query_body({});
  CHECK_FALSE(parse_query_event(body, 11));  // the fixed part of servers before 5.0
  CHECK_FALSE(parse_query_event(body, 255));
  CHECK_FALSE(parse_query_event({}, query_post_header_size));
}

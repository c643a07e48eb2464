#include "protocol/binlog/gtid_event.hpp"

#include <doctest/doctest.h>

#include <map>

#include "protocol/binlog/mariadb_gtid.hpp"
#include "protocol/binlog/varlen.hpp"
#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::for_each_truncation;
using test::hex;

namespace {

/// Bytes of the body that name the transaction.
constexpr std::size_t untagged_size = 1 + 16 + 8;

/// Too short: refused. Long enough: the same as the whole.
void check_truncations(EventType type, Bytes body, std::size_t enough) {
  const auto whole = parse_gtid_event(type, body);
  REQUIRE(whole);
  for_each_truncation(body, [&](Bytes part) {
    CAPTURE(part.size());
    const auto gtid = parse_gtid_event(type, part);
    REQUIRE(gtid.has_value() == (part.size() >= enough));
    if (gtid) CHECK(to_text(*gtid) == to_text(*whole));
  });
}

Buffer untagged(std::uint64_t number) {
  Buffer body;
  Writer(body).u8(0).bytes(hex("3e11fa4771ca11e19e33c80aa9429562")).u64(number);
  return body;
}

// GTID_TAGGED of 9.7: version 1, 58 bytes, last field 0; then field 0 (flags) ...
const std::string_view tagged_event =
    "02 74 00 00 00 02 39 03 85 03 6c 7c 99 03 2d 03 22 c5 03 65 02 ac 04 f1 03 00 00 00 02"
    " 04 04 06 0a 74 61 67 5f 31 08 00 0a 04 0c 7f 04 c2 08 c6 e5 60 06 10 f9 05 12 83 12 0b";

}  // namespace

TEST_CASE("gtid events: recorded ones of every layout name their transactions in order") {
  std::map<std::string, std::uint64_t> layouts;
  for (const auto& recording : test::recordings()) {
    if (recording.mariadb()) continue;
    CAPTURE(recording.name);
    std::map<std::string, std::uint64_t> last;
    for (const auto& event : recording.events()) {
      const auto type = event.header.type;
      if (type != EventType::gtid && type != EventType::gtid_tagged) continue;
      const Bytes body = Bytes(event.bytes).subspan(event_header_size);
      const auto gtid = parse_gtid_event(type, body);
      REQUIRE(gtid);
      ++layouts[recording.name.substr(0, 9) + std::string(name_of(type))];
      CHECK(to_text(*gtid) == uuid_text(gtid->uuid) + (gtid->tag_size > 0 ? ":tag_1:" : ":") +
                                  std::to_string(gtid->number));
      CHECK(gtid->tag_size == (type == EventType::gtid_tagged ? 5 : 0));
      auto& previous = last[std::string(gtid->tag())];
      CHECK((previous == 0 || gtid->number == previous + 1));
      previous = gtid->number;
      check_truncations(type, body,
                        type == EventType::gtid ? untagged_size : as_text(body).find("tag_1") + 5);
    }
  }
  CHECK(layouts["mysql-5.6GTID"] > 10);
  CHECK(layouts["mysql-5.7GTID"] > 10);
  CHECK(layouts["mysql-8.0GTID"] > 10);
  CHECK(layouts["mysql-9.7GTID"] > 10);
  CHECK(layouts["mysql-9.7GTID_TAGGED"] > 1);
}

TEST_CASE("gtid events: recorded anonymous ones") {
  const auto events = test::recorded_events(EventType::anonymous_gtid);
  CHECK(events.size() > 50);
  for (const auto& event : events) {
    CAPTURE(event.recording);
    const auto gtid = parse_gtid_event(EventType::anonymous_gtid, event.body);
    REQUIRE(gtid);
    CHECK(gtid->anonymous);
    CHECK(to_text(*gtid) == "ANONYMOUS");
    check_truncations(EventType::anonymous_gtid, event.body, untagged_size);
  }
}

TEST_CASE("gtid events: numbers that cannot be") {
  struct Case {
    std::uint64_t number;
    bool valid;
  };
  for (const auto& [number, valid] :
       {Case{0, false}, Case{1, true}, Case{0x7FFFFFFFFFFFFFFE, true},
        Case{0x7FFFFFFFFFFFFFFF, false}, Case{0x8000000000000000, false}, Case{~0ULL, false}}) {
    CAPTURE(number);
    CHECK(parse_gtid_event(EventType::gtid, untagged(number)).has_value() == valid);
  }
  CHECK(to_text(*parse_gtid_event(EventType::gtid, untagged(17))) ==
        "3e11fa47-71ca-11e1-9e33-c80aa9429562:17");
  CHECK(parse_gtid_event(EventType::anonymous_gtid, untagged(0)));
}

TEST_CASE("gtid events: tagged ones, good and bad") {
  const Buffer good = hex(tagged_event);
  const auto gtid = parse_gtid_event(EventType::gtid_tagged, good);
  REQUIRE(gtid);
  CHECK(to_text(*gtid) == "cee1363e-e6cb-11f1-9956-02fc00000001:tag_1:1");

  struct Case {
    std::string_view what;
    std::size_t at;
    std::uint8_t value;
  };
  for (const auto& [what, at, value] :
       {Case{"another version", 0, 0x04}, Case{"no flags", 3, 0x02}, Case{"no uuid", 5, 0x04},
        Case{"a byte of 10 bits", 7, 0x0F}, Case{"no number", 29, 0x06}, Case{"number 0", 30, 0x00},
        Case{"a negative number", 30, 0x02}, Case{"no tag", 31, 0x08},
        Case{"a tag that is too long", 32, 66}, Case{"a tag of other characters", 33, 'T'},
        Case{"a tag with a quote", 34, '\''}, Case{"a tag that reaches too far", 32, 64}}) {
    CAPTURE(what);
    Buffer bad = good;
    bad[at] = value;
    CHECK_FALSE(parse_gtid_event(EventType::gtid_tagged, bad));
  }
  Buffer without_tag = good;
  without_tag[32] = 0;
  CHECK(to_text(*parse_gtid_event(EventType::gtid_tagged, without_tag)) ==
        "cee1363e-e6cb-11f1-9956-02fc00000001:1");
}

TEST_CASE("gtid events: the longest there can be is not longer than its prefix") {
  Buffer body = hex("02 74 00 00 02 02");
  for (int i = 0; i < 16; ++i) Writer(body).u16(0xFF << 2 | 1);
  Writer(body)
      .u8(4)
      .u8(0xFF)
      .u64((0x7FFFFFFFFFFFFFFEU << 1))
      .u8(6)
      .u8(64)
      .text(std::string(32, 'z'));
  CHECK(body.size() <= max_gtid_prefix_size);
  CHECK(to_text(*parse_gtid_event(EventType::gtid_tagged, body)) ==
        "ffffffff-ffff-ffff-ffff-ffffffffffff:" + std::string(32, 'z') + ":9223372036854775806");
  check_truncations(EventType::gtid_tagged, body, body.size());
}

TEST_CASE("integers of variable length") {
  struct Case {
    std::string_view bytes;
    std::uint64_t value;
  };
  for (const auto& [bytes, value] :
       {Case{"00", 0}, Case{"02", 1}, Case{"fe", 127}, Case{"01 02", 128}, Case{"fd ff", 0x3FFF},
        Case{"03 00 02", 0x4000}, Case{"fb ff ff", 0x1FFFFF},
        Case{"7f 00 00 00 00 00 00 01", 0x01000000000000},
        Case{"7f ff ff ff ff ff ff ff", 0xFFFFFFFFFFFFFF},
        Case{"bf ff ff ff ff ff ff", 0x1FFFFFFFFFFFF}, Case{"ff ff ff ff ff ff ff ff ff", ~0ULL},
        Case{"ff 01 00 00 00 00 00 00 80", 0x8000000000000001}}) {
    CAPTURE(bytes);
    const Buffer encoded = hex(bytes);
    Cursor in(encoded);
    CHECK(read_varlen(in) == value);
    CHECK(in.ok());
    CHECK(in.remaining() == 0);
    for_each_truncation(encoded, [](Bytes part) {
      Cursor cut(part);
      CHECK(read_varlen(cut) == 0);
      CHECK_FALSE(cut.ok());
    });
  }
  const auto is_signed = [](std::string_view bytes) {
    const Buffer encoded = hex(bytes);
    Cursor in(encoded);
    return read_signed_varlen(in);
  };
  CHECK(is_signed("00") == 0);
  CHECK(is_signed("02") == -1);
  CHECK(is_signed("04") == 1);
  CHECK(is_signed("ff ff ff ff ff ff ff ff ff") == std::numeric_limits<std::int64_t>::min());
  CHECK(is_signed("ff fe ff ff ff ff ff ff ff") == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("MariaDB's gtid event: recorded ones count on") {
  for (const auto& recording : test::recordings()) {
    if (!recording.mariadb()) continue;
    CAPTURE(recording.name);
    std::uint64_t previous = 0;
    std::size_t standalone = 0;
    for (const auto& event : recording.events()) {
      if (event.header.type != EventType::mariadb_gtid) continue;
      const Bytes body = Bytes(event.bytes).subspan(event_header_size);
      const auto gtid = parse_mariadb_gtid(event.header, body);
      REQUIRE(gtid);
      CHECK((previous == 0 || gtid->sequence == previous + 1));
      previous = gtid->sequence;
      standalone += gtid->standalone();
      CHECK(to_text(*gtid) ==
            "0-" + std::to_string(event.header.server_id) + "-" + std::to_string(gtid->sequence));
      for_each_truncation(body, [&](Bytes part) {
        const auto cut = parse_mariadb_gtid(event.header, part);
        REQUIRE(cut.has_value() == (part.size() >= 8 + 4 + 1));
        if (cut) CHECK(to_text(*cut) == to_text(*gtid));
      });
    }
    CHECK(previous > 5);
    CHECK(standalone > 1);
  }
}

TEST_CASE("MariaDB's gtid event: domain, server and sequence") {
  const Buffer body = hex("2a00000000000000 01000000 01");
  const auto gtid = parse_mariadb_gtid(EventHeader{.server_id = 4294967295}, body);
  REQUIRE(gtid);
  CHECK(to_text(*gtid) == "1-4294967295-42");
  CHECK(gtid->standalone());
}

#include "protocol/binlog/gtid_set.hpp"

#include <doctest/doctest.h>

#include "protocol/wire/command.hpp"
#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;

namespace {

constexpr std::size_t no_limit = 1u << 20;

}  // namespace

TEST_CASE("gtid set: recorded tagged set of 9.7") {
  const auto sets = test::recorded("gtid_set");
  REQUIRE(sets.size() == 1);
  const auto set = parse_gtid_set(sets[0].payload());
  REQUIRE(set);
  CHECK(to_text(*set, no_limit) ==
        "11111111-2222-3333-4444-555555555555:5:7:tt:7,"
        "b6290593-e6c4-11f1-bed6-02fc00000001:1-6:a_long_tag_of_thirty_two_charss:1:tag1:1");
  test::for_each_truncation(sets[0].payload(),
                            [](Bytes part) { CHECK_FALSE(parse_gtid_set(part)); });
}

TEST_CASE("gtid set: recorded files begin with those of the files before them") {
  std::size_t empty = 0, one = 0;
  for (const auto& event : test::recorded_events(EventType::previous_gtids)) {
    CAPTURE(event.recording);
    const auto set = parse_gtid_set(event.body);
    REQUIRE(set);
    (set->empty() ? empty : one) += 1;
    if (!set->empty()) {
      CHECK(set->front().intervals.front().first == 1);
      CHECK(set->front().intervals.front().last > 10);
    }
    test::for_each_truncation(event.body, [](Bytes part) { CHECK_FALSE(parse_gtid_set(part)); });
  }
  CHECK(empty > 10);
  CHECK(one >= 8);
}

TEST_CASE("gtid set: recorded dumps by GTID") {
  for (const auto& packet : test::recorded("binlog_dump_gtid")) {
    CAPTURE(packet.source);
    const auto command = wire::parse_binlog_dump_gtid(packet.payload());
    REQUIRE(command);
    const auto set = parse_gtid_set(command->gtid_set);
    REQUIRE(set);
    const auto text = to_text(*set, no_limit);
    CHECK((text.empty() || text.find(":1") == 36));
    test::for_each_truncation(command->gtid_set,
                              [](Bytes part) { CHECK_FALSE(parse_gtid_set(part)); });
  }
}

TEST_CASE("gtid set: malformed") {
  const std::string uuid = "00112233445566778899aabbccddeeff";
  const std::string one_part = "0100000000000000" + uuid;
  for (const auto& text : {
           std::string("0000000000000000 00"),  // a tail
           std::string("ffffffffffffff00"),     // parts that are not there
           std::string("0000000000000002"),     // an unknown format
           std::string("0200000000000001"),     // formats that differ
           one_part + "ffffffffffffffff",       // intervals that are not there
           one_part + "0100000000000000 0000000000000000 0200000000000000",  // starts at 0
           one_part + "0100000000000000 0500000000000000 0500000000000000",  // empty
           one_part + "0200000000000000 0500000000000000 0700000000000000 "  // touching
                      "0700000000000000 0800000000000000",
           "0101000000000001" + uuid + "03 61 0000000000000000",  // a length of two bytes
           "0101000000000001" + uuid + "02 41 0000000000000000",  // an upper case tag
       }) {
    CAPTURE(text);
    CHECK_FALSE(parse_gtid_set(test::hex(text)));
  }
  CHECK(parse_gtid_set(test::hex("0000000000000000"))->empty());
}

TEST_CASE("gtid set: a long text is cut at a border") {
  GtidSet set(1);
  for (std::uint64_t i = 1; i < 100; ++i) set[0].intervals.push_back({3 * i, 3 * i + 1});
  const auto text = to_text(set, 60);
  CHECK(text == "00000000-0000-0000-0000-000000000000:3-4:6-7:9-10:12-13...");
  CHECK(to_text(set, 10) == "...");
}

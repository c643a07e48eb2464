#include "protocol/binlog/rotate.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/checksum.hpp"
#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;

namespace {

constexpr std::size_t shortest = event_header_size + 8 + 1;

Buffer rotate_event(std::string_view file, std::uint64_t position, bool crc) {
  Buffer event(event_header_size, 0);
  event[header_offset::type] = 4;
  Writer writer(event);
  writer.u64(position).text(file);
  if (crc) writer.u32(crc32_of(event));
  return event;
}

}  // namespace

TEST_CASE("rotate: recorded ones, made up and real, with and without checksum") {
  std::size_t with_crc = 0, without = 0;
  for (const auto& event : test::recorded_events(EventType::rotate)) {
    CAPTURE(event.recording);
    const auto rotate = parse_rotate(event.bytes);
    REQUIRE(rotate);
    CHECK((rotate->file == "binlog.000001" || rotate->file == "binlog.000002"));
    CHECK(rotate->position >= 4);
    const std::size_t plain = event_header_size + 8 + rotate->file.size();
    (event.bytes.size() == plain ? without : with_crc) += 1;
    test::for_each_truncation(event.bytes, [](Bytes part) {
      CHECK(parse_rotate(part).has_value() == (part.size() >= shortest));
    });
  }
  CHECK(with_crc > 20);
  CHECK(without > 5);
}

TEST_CASE("rotate: names of every length, with and without checksum") {
  for (const bool crc : {false, true}) {
    for (std::size_t size = 0; size < 600; ++size) {
      const std::string file(size, 'f');
      const Buffer event = rotate_event(file, 0x0102030405060708, crc);
      const auto rotate = parse_rotate(event);
      REQUIRE(rotate.has_value() == (size > 0));
      if (!rotate) continue;
      CHECK(rotate->file == file);
      CHECK(rotate->position == 0x0102030405060708);
    }
  }
}

TEST_CASE("rotate: four last bytes that are no checksum belong to the name") {
  Buffer event = rotate_event("binlog.000001", 4, true);
  event.back() ^= 1;
  CHECK(parse_rotate(event)->file.size() == 17);
}

#include "protocol/binlog/heartbeat.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::bytes_of;
using test::hex;

namespace {

const EventHeader version_1{.type = EventType::heartbeat, .log_pos = 4711};
const EventHeader version_2{.type = EventType::heartbeat_v2, .log_pos = 4711};

}  // namespace

TEST_CASE("heartbeat: recorded ones of both versions") {
  std::size_t seen[2] = {0, 0};
  for (const auto type : {EventType::heartbeat, EventType::heartbeat_v2}) {
    for (const auto& event : test::recorded_events(type)) {
      CAPTURE(event.recording);
      const auto heartbeat = parse_heartbeat(event.header, event.body);
      REQUIRE(heartbeat);
      CHECK((heartbeat->file == "binlog.000001" || heartbeat->file == "binlog.000002"));
      CHECK(heartbeat->position == event.header.log_pos);
      CHECK(heartbeat->modulo_4_gib == (type == EventType::heartbeat));
      Buffer made;
      CHECK(serialize(*heartbeat, type, event.header.server_id, event.format.checksum, made));
      CHECK(made == event.bytes);
      ++seen[type == EventType::heartbeat_v2];
      test::for_each_truncation(event.body, [&](Bytes part) {
        const auto cut = parse_heartbeat(event.header, part);
        // Version 2 has an end mark; in version 1 a shorter name is a name.
        CHECK(cut.has_value() == (type == EventType::heartbeat && !part.empty()));
      });
    }
  }
  CHECK(seen[0] > 10);
  CHECK(seen[1] > 5);
}

TEST_CASE("heartbeat: a position over 4 GiB") {
  // MariaDB: none in the header, eight bytes before the file.
  const EventHeader none{.type = EventType::heartbeat, .log_pos = 0};
  const Buffer mariadb = hex("08 07 06 05 04 03 02 01 61 2e 31");
  const auto heartbeat = parse_heartbeat(none, mariadb);
  REQUIRE(heartbeat);
  CHECK(heartbeat->position == 0x0102030405060708);
  CHECK(heartbeat->file == "a.1");
  CHECK_FALSE(heartbeat->modulo_4_gib);
  for (std::size_t size = 0; size <= 8; ++size) {
    CHECK_FALSE(
        parse_heartbeat(none, Buffer(mariadb.begin(), mariadb.begin() + static_cast<int>(size))));
  }
  const auto second =
      parse_heartbeat(version_2, hex("01 03 61 2e 31 02 09 fe 08 07 06 05 04 03 02 01 00"));
  REQUIRE(second);
  CHECK(second->position == 0x0102030405060708);
  CHECK_FALSE(second->modulo_4_gib);
}

TEST_CASE("heartbeat: one that is made for a position over 4 GiB") {
  const Heartbeat far{.file = "a.1", .position = 0x0102030405060708};
  Buffer out = {7};
  CHECK_FALSE(serialize(far, EventType::heartbeat, 1, Checksum::none, out));
  CHECK(out == Buffer{7});
  CHECK(serialize(far, EventType::heartbeat_v2, 1, Checksum::none, out));
  CHECK(out == hex("07 00000000 29 01000000 24000000 08070605 0000 "
                   "01 03 61 2e 31 02 09 fe 08 07 06 05 04 03 02 01 00"));
}

TEST_CASE("heartbeat: corner cases") {
  CHECK_FALSE(parse_heartbeat(version_1, {}));
  CHECK(parse_heartbeat(version_1, bytes_of("b"))->position == 4711);

  const auto version_2_of = [](std::string_view bytes) {
    const Buffer body = hex(bytes);
    const auto heartbeat = parse_heartbeat(version_2, body);
    if (!heartbeat) return std::string("malformed");
    return std::string(heartbeat->file) + " " + std::to_string(heartbeat->position);
  };
  CHECK(version_2_of("01 01 62 02 01 05 00") == "b 5");
  CHECK(version_2_of("02 01 05 01 01 62 00") == "b 5");              // in either order
  CHECK(version_2_of("01 01 62 07 02 ff ff 02 01 05 00") == "b 5");  // a field of the future
  CHECK(version_2_of("01 01 62 02 03 05 ff ff 00") == "b 5");        // a longer value of the future
  CHECK(version_2_of("01 01 62 02 01 05 00 ff ff") == "b 5");        // behind the end
  CHECK(version_2_of("01 01 62 00") == "b 0");
  CHECK(version_2_of("00") == "malformed");                    // no file
  CHECK(version_2_of("01 00 00") == "malformed");              // an empty one
  CHECK(version_2_of("01 01 62 02 00 00") == "malformed");     // a position of no bytes
  CHECK(version_2_of("01 01 62 02 01 fb 00") == "malformed");  // NULL
  CHECK(version_2_of("01 01 62 02 01 fc 00") == "malformed");  // two bytes, none there
  CHECK(version_2_of("01 fe ff ff ff ff ff ff ff ff 62") == "malformed");
  CHECK(version_2_of("01 01 62 02 01 05") == "malformed");  // no end
}

#include "protocol/binlog/format_description.hpp"

#include <doctest/doctest.h>

#include <map>

#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;

namespace {

constexpr std::size_t version_at = event_header_size + 2;
constexpr std::size_t header_size_at = version_at + 50 + 4;
constexpr std::size_t trailer_size = 1 + 4;

/// The first one of that recording, for tests to change.
Buffer recorded(std::string_view recording) {
  for (const auto& event : test::recording(recording).events()) {
    if (event.header.type == EventType::format_description) return event.bytes;
  }
  return {};
}

Buffer with_version(std::string_view version) {
  Buffer event = recorded("mysql-9.7-filepos");
  std::fill_n(event.begin() + version_at, 50, std::uint8_t{0});
  std::copy(version.begin(), version.end(), event.begin() + version_at);
  return event;
}

}  // namespace

TEST_CASE("format description: recorded ones") {
  struct Server {
    std::uint32_t version;
    std::size_t types;
    bool mariadb;
  };
  const std::map<std::string, Server> servers{
      {"mysql-5.6", {50624, 35, false}},    {"mysql-5.7", {0, 38, false}},
      {"mysql-8.0", {0, 39, false}},        {"mysql-9.7", {90704, 42, false}},
      {"mariadb-10.", {101119, 171, true}}, {"mariadb-11.", {0, 171, true}}};
  for (const auto& event : test::recorded_events(EventType::format_description)) {
    CAPTURE(event.recording);
    const auto format = parse_format_description(event.bytes);
    REQUIRE(format);
    const bool mariadb = event.recording.starts_with("mariadb");
    const Server& server = servers.at(event.recording.substr(0, mariadb ? 11 : 9));
    CHECK(format->mariadb == server.mariadb);
    if (server.version != 0) CHECK(format->version == server.version);
    CHECK(format->version / 100 == (mariadb ? std::stoul(event.recording.substr(8, 2)) * 100 +
                                                  std::stoul(event.recording.substr(11, 2))
                                            : std::stoul(event.recording.substr(6, 1)) * 100 +
                                                  std::stoul(event.recording.substr(8, 1))));
    CHECK(format->server_version.starts_with(event.recording.substr(mariadb ? 8 : 6, 3)));
    const bool none = event.recording.ends_with("nochecksum");
    CHECK(format->checksum == (none ? Checksum::none : Checksum::crc32));
    CHECK(event.bytes.size() == header_size_at + 1 + server.types + trailer_size);
    CHECK(format->post_header_size[static_cast<std::size_t>(EventType::query)] == 13);
    CHECK(format->post_header_size[static_cast<std::size_t>(EventType::table_map)] == 8);
    CHECK(format->post_header_size[server.types + 1] == 0);
    // Whatever is cut off, only the list can get shorter.
    test::for_each_truncation(event.bytes, [&](Bytes part) {
      const auto cut = parse_format_description(part);
      if (part.size() < header_size_at + 1 + trailer_size) CHECK_FALSE(cut);
      if (cut) CHECK(cut->server_version == format->server_version);
    });
  }
}

TEST_CASE("format description: checksum algorithms") {
  Buffer event = recorded("mysql-9.7-filepos");
  std::uint8_t& algorithm = event[event.size() - trailer_size];
  for (unsigned value = 0; value < 256; ++value) {
    algorithm = static_cast<std::uint8_t>(value);
    const auto format = parse_format_description(event);
    REQUIRE(format.has_value() == (value < 2));
    if (format) CHECK(format->checksum == Checksum{algorithm});
  }
}

TEST_CASE("format description: a file that is still written to") {
  Buffer event = recorded("mariadb-10.11-filepos");
  event[header_offset::flags] |= 0x01;  // LOG_EVENT_BINLOG_IN_USE_F
  CHECK(parse_format_description(event)->version == 101119);
}

TEST_CASE("format description: other binlog versions and headers") {
  for (const unsigned version : {0u, 1u, 3u, 5u, 0xFFFFu}) {
    Buffer event = recorded("mysql-9.7-filepos");
    store_le(event.data() + event_header_size, version, 2);
    CHECK_FALSE(parse_format_description(event));
  }
  for (const unsigned size : {0u, 13u, 18u, 20u, 255u}) {
    Buffer event = recorded("mysql-9.7-filepos");
    event[header_size_at] = static_cast<std::uint8_t>(size);
    CHECK_FALSE(parse_format_description(event));
  }
}

TEST_CASE("format description: versions") {
  struct Case {
    std::string_view text;
    std::uint32_t number;
    bool mariadb;
  };
  for (const auto& [text, number, mariadb] :
       {Case{"8.0.36", 80036, false}, Case{"5.6.24-log", 50624, false},
        Case{"9.7.4-2", 90704, false}, Case{"8.4.0-12.3.4", 80400, false},
        Case{"10.11.19-MariaDB-0+deb12u1-log", 101119, true}, Case{"11.4", 110400, false},
        Case{"", 0, false}, Case{"x", 0, false}, Case{"8", 80000, false},
        Case{"99999999999.1.2", 9999 * 10000 + 102, false},
        Case{"12345678901234567890123456789012345678901234567890", 9999 * 10000, false}}) {
    CAPTURE(text);
    const auto format = parse_format_description(with_version(text));
    REQUIRE(format);
    CHECK(format->server_version == text);
    CHECK(format->version == number);
    CHECK(format->mariadb == mariadb);
  }
}

TEST_CASE("format description: lists of any length") {
  for (std::size_t types = 0; types < 400; ++types) {
    Buffer event = with_version("8.0.36");
    event.resize(header_size_at + 1);
    Writer(event).bytes(Buffer(types, 9)).u8(1).u32(0);
    const auto format = parse_format_description(event);
    REQUIRE(format.has_value() == (types <= 254));
    if (!format) continue;
    CHECK(format->post_header_size[0] == 0);
    CHECK(std::count(format->post_header_size.begin(), format->post_header_size.end(), 9) ==
          static_cast<std::ptrdiff_t>(types));
    CHECK(format->mariadb == (types >= 160));
  }
}

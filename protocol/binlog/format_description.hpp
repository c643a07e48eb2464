// FORMAT_DESCRIPTION: the first event of every file. It says who wrote the file, how long the
// fixed part of each event type is, and whether events carry a checksum
// (libs/mysql/binlog/event/control_events.cpp, Format_description_event).
#pragma once

#include <array>
#include <optional>
#include <string>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

struct FormatDescription {
  std::string server_version;   ///< of the server that wrote the file, e.g. "10.11.19-MariaDB-log"
  std::uint32_t server_id = 0;  ///< its own
  std::uint32_t version = 0;    ///< the same as a number: 8.0.36 is 80036, 10.11.19 is 101119
  bool mariadb = false;
  Checksum checksum = Checksum::none;
  std::array<std::uint8_t, 256> post_header_size{};  ///< by event type; 0 for types it lacks
};

/// `event` is the whole event with its header and trailing checksum.
/// Fails on anything but binlog version 4, a 19 byte header and checksum algorithm NONE or CRC32.
[[nodiscard]] std::optional<FormatDescription> parse_format_description(Bytes event);

}  // namespace sluice::binlog

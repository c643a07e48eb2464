// The 19 bytes every event starts with (libs/mysql/binlog/event/binlog_event.h,
// Log_event_header), and the checksum it may end with.
#pragma once

#include <algorithm>
#include <optional>

#include "protocol/binlog/event_type.hpp"
#include "protocol/bytes.hpp"

namespace sluice::binlog {

constexpr std::size_t event_header_size = 19;

/// Where the fields of the header lie.
namespace header_offset {
constexpr std::size_t type = 4;
constexpr std::size_t flags = 17;
}  // namespace header_offset

namespace event_flag {
constexpr std::uint16_t thread_specific = 0x0004;
constexpr std::uint16_t suppress_use = 0x0008;
constexpr std::uint16_t artificial = 0x0020;
constexpr std::uint16_t relay_log = 0x0040;  // a replica's own, in its relay log
constexpr std::uint16_t ignorable = 0x0080;
}  // namespace event_flag

struct EventHeader {
  std::uint32_t timestamp = 0;  ///< seconds since the epoch; 0 in events the dump thread makes up
  EventType type = EventType::unknown;
  std::uint32_t server_id = 0;
  std::uint32_t size = 0;     ///< of the whole event: header, body and checksum
  std::uint32_t log_pos = 0;  ///< end of the event in its file, modulo 2^32; 0 in artificial events
                              ///< and within MariaDB 11.4+ transactions
  std::uint16_t flags = 0;
};

/// Fails when fewer than 19 bytes are there or the size is smaller than the header.
[[nodiscard]] inline std::optional<EventHeader> parse_event_header(Bytes event) {
  if (event.size() < event_header_size) return std::nullopt;
  EventHeader header;
  header.timestamp = static_cast<std::uint32_t>(load_le<4>(event.data()));
  header.type = EventType{event[header_offset::type]};
  header.server_id = static_cast<std::uint32_t>(load_le<4>(event.data() + 5));
  header.size = static_cast<std::uint32_t>(load_le<4>(event.data() + 9));
  header.log_pos = static_cast<std::uint32_t>(load_le<4>(event.data() + 13));
  header.flags = static_cast<std::uint16_t>(load_le<2>(event.data() + header_offset::flags));
  if (header.size < event_header_size) return std::nullopt;
  return header;
}

/// binlog_checksum of a file: a property of its FORMAT_DESCRIPTION event.
enum class Checksum : std::uint8_t { none = 0, crc32 = 1 };

constexpr std::size_t checksum_size(Checksum checksum) {
  return checksum == Checksum::crc32 ? 4 : 0;
}

/// What is there of the event, at least its header, without the header and the checksum.
[[nodiscard]] inline Bytes event_body(const EventHeader& header, Bytes event, Checksum checksum) {
  const std::size_t end =
      header.size - std::min<std::size_t>(header.size - event_header_size, checksum_size(checksum));
  return event.first(std::min(event.size(), end)).subspan(event_header_size);
}

}  // namespace sluice::binlog

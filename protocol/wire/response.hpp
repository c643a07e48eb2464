// OK, ERR and EOF packets (sql/protocol_classic.cc: net_send_ok, net_send_error_packet,
// net_send_eof).
#pragma once

#include <optional>
#include <string>

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"

namespace sluice::wire {

inline constexpr std::uint8_t ok_header = 0x00;
inline constexpr std::uint8_t eof_header = 0xFE;
inline constexpr std::uint8_t err_header = 0xFF;
/// An EOF's payload is shorter than this; a row that starts with 0xFE is longer.
inline constexpr std::size_t eof_size_limit = 9;

inline constexpr std::uint16_t status_autocommit = 0x0002;
inline constexpr std::uint16_t status_more_results = 0x0008;
inline constexpr std::uint16_t status_session_state_changed = 0x4000;

struct OkPacket {
  std::uint64_t affected_rows = 0;
  std::uint64_t last_insert_id = 0;
  std::uint16_t status = status_autocommit;
  std::uint16_t warnings = 0;
  std::string info;
  std::string state_changes;  // raw; with SESSION_TRACK and status_session_state_changed only
  friend bool operator==(const OkPacket&, const OkPacket&) = default;
};

/// Of an error's message, in bytes: what servers have for it (MYSQL_ERRMSG_SIZE).
inline constexpr std::size_t max_error_message = 512;

struct ErrPacket {
  std::uint16_t code = 0;
  std::string sqlstate;  // five characters, or empty: before the client has shown PROTOCOL_41
  std::string message;
  friend bool operator==(const ErrPacket&, const ErrPacket&) = default;
};

struct EofPacket {
  std::uint16_t warnings = 0;
  std::uint16_t status = status_autocommit;
  friend bool operator==(const EofPacket&, const EofPacket&) = default;
};

[[nodiscard]] inline bool is_err(Bytes payload) {
  return !payload.empty() && payload[0] == err_header;
}
[[nodiscard]] inline bool is_eof(Bytes payload) {
  return !payload.empty() && payload[0] == eof_header && payload.size() < eof_size_limit;
}

/// `header`: 0x00, or 0xFE for the OK that ends a result set under DEPRECATE_EOF.
[[nodiscard]] std::optional<OkPacket> parse_ok(Bytes payload, Capabilities capabilities,
                                               std::uint8_t header = ok_header);
void serialize(const OkPacket& ok, Capabilities capabilities, Buffer& out,
               std::uint8_t header = ok_header);

/// The sqlstate is recognised by its `#`. A message is cut at max_error_message, as it is kept.
[[nodiscard]] std::optional<ErrPacket> parse_err(Bytes payload);
/// Writes the sqlstate if there is one.
void serialize(const ErrPacket& err, Buffer& out);

[[nodiscard]] std::optional<EofPacket> parse_eof(Bytes payload);
void serialize(const EofPacket& eof, Buffer& out);

}  // namespace sluice::wire

#include "protocol/binlog/heartbeat.hpp"

namespace sluice::binlog {
namespace {

// Types of the fields (libs/mysql/binlog/event/codecs/binary.h, Heartbeat).
constexpr std::uint64_t end_mark = 0, field_file = 1, field_position = 2;

Heartbeat read_version_1(const EventHeader& header, Cursor& in) {
  Heartbeat heartbeat;
  heartbeat.modulo_4_gib = header.log_pos != 0;
  heartbeat.position = header.log_pos != 0 ? header.log_pos : in.u64();
  heartbeat.file = in.rest_text();
  return heartbeat;
}

Heartbeat read_version_2(Cursor& in) {
  Heartbeat heartbeat;
  while (in.ok()) {
    const std::uint64_t type = in.lenenc();
    if (type == end_mark) break;
    const Bytes value = in.take(in.lenenc());
    if (type == field_file) {
      heartbeat.file = as_text(value);
    } else if (type == field_position) {
      Cursor position(value);
      heartbeat.position = position.lenenc();
      if (!position.ok()) in.fail();
    }
  }
  return heartbeat;
}

}  // namespace

std::optional<Heartbeat> parse_heartbeat(const EventHeader& header, Bytes body) {
  Cursor in(body);
  const Heartbeat heartbeat =
      header.type == EventType::heartbeat_v2 ? read_version_2(in) : read_version_1(header, in);
  if (!in.ok() || heartbeat.file.empty()) return std::nullopt;
  return heartbeat;
}

}  // namespace sluice::binlog

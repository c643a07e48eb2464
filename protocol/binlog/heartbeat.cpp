#include "protocol/binlog/heartbeat.hpp"

#include <limits>

#include "protocol/binlog/checksum.hpp"

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

bool serialize(const Heartbeat& heartbeat, EventType type, std::uint32_t server_id,
               Checksum checksum, Buffer& out) {
  Buffer body;
  if (type == EventType::heartbeat_v2) {
    Buffer position;
    Writer(position).lenenc(heartbeat.position);
    Writer(body).lenenc(field_file).lenenc_text(heartbeat.file);
    Writer(body).lenenc(field_position).lenenc(position.size()).bytes(position).lenenc(end_mark);
  } else {
    if (heartbeat.position > std::numeric_limits<std::uint32_t>::max()) return false;
    Writer(body).text(heartbeat.file);
  }
  const std::size_t begin = out.size();
  constexpr std::uint32_t no_timestamp = 0;
  constexpr std::uint16_t no_flags = 0;
  Writer event(out);
  event.u32(no_timestamp).u8(static_cast<std::uint8_t>(type)).u32(server_id);
  event.u32(event_header_size + body.size() + checksum_size(checksum));
  event.u32(heartbeat.position & 0xFFFFFFFF).u16(no_flags).bytes(body);
  if (checksum == Checksum::crc32) event.u32(crc32_of(Bytes(out).subspan(begin)));
  return true;
}

}  // namespace sluice::binlog

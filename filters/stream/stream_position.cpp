#include "filters/stream/stream_position.hpp"

#include <algorithm>

#include "protocol/binlog/heartbeat.hpp"
#include "protocol/binlog/rotate.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using binlog::EventType;

namespace {

bool is_artificial(const EventHeader& header) {
  return (header.flags & binlog::event_flag::artificial) != 0;
}

}  // namespace

void StreamPosition::pass_other(const EventHeader& header, Bytes event, binlog::Checksum checksum) {
  if (header.type == EventType::rotate && (is_artificial(header) || header.log_pos == 0)) {
    if (const auto rotate = binlog::parse_rotate(event)) {
      end_ = {std::string(rotate->file), rotate->position};
    }
    return;
  }
  if (is_heartbeat(header.type)) {
    return pass_heartbeat(header, binlog::event_body(header, event, checksum));
  }
  // A dump that begins within a file repeats these.
  const bool is_of_head =
      header.type == EventType::format_description || header.type == EventType::start_encryption;
  const bool is_repeated = is_of_head && header.log_pos == 0;
  if (!is_artificial(header) && !is_repeated) {
    newest_ = header.timestamp;
    end_.position += header.size;
  }
  // Where events are left out they are further than the sizes.
  if (header.log_pos != 0) end_.position = nearest(header.log_pos);
}

std::uint64_t StreamPosition::begin_of(const EventHeader& header) const {
  if (is_artificial(header) || is_heartbeat(header.type) || header.log_pos == 0) {
    return end_.position;
  }
  const std::uint64_t end = nearest(header.log_pos);
  return end < header.size ? end_.position : end - header.size;
}

/// Behind transactions that a replica has by GTID, and that the master leaves out, there is only
/// this to tell how far they reach.
void StreamPosition::pass_heartbeat(const EventHeader& header, Bytes body) {
  newest_ = 0;
  const auto heartbeat = binlog::parse_heartbeat(header, body);
  if (!heartbeat || heartbeat->file != end_.file) return;
  end_.position = std::max(end_.position,
                           heartbeat->modulo_4_gib ? nearest(header.log_pos) : heartbeat->position);
}

/// Events have only the low 32 bits of their position.
std::uint64_t StreamPosition::nearest(std::uint32_t low_bits) const {
  const std::uint64_t low = std::uint64_t{1} << 32;
  std::uint64_t exact = end_.position / low * low + low_bits;
  if (exact + low / 2 < end_.position) exact += low;
  if (exact > end_.position + low / 2 && exact >= low) exact -= low;
  return exact;
}

}  // namespace sluice::filters

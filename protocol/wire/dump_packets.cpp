#include "protocol/wire/dump_packets.hpp"

#include <algorithm>

#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/semi_sync.hpp"

namespace sluice::wire {

DumpPackets::Step DumpPackets::follow(Bytes bytes) {
  Step step;
  while (step.size < bytes.size() && seen_ < head_size()) {
    if (seen_ + 1 == packet_header_size) step.sequence_at = step.size;
    head_[seen_++] = bytes[step.size++];
    if (seen_ == packet_header_size) length_ = static_cast<std::size_t>(load_le<3>(head_));
  }
  if (seen_ < head_size()) return step;
  if (!continues_) begin_event();
  const std::size_t left = packet_header_size + length_ - seen_;
  const std::size_t taken = std::min(left, bytes.size() - step.size);
  step.size += taken;
  seen_ += taken;
  if (taken < left) return step;
  continues_ = length_ == max_packet_payload;
  step.empty_packet = length_ == 0;
  step.ack_wanted = ack_wanted_ && !continues_;
  seen_ = 0;
  return step;
}

/// As much as must be seen of the packet under way.
std::size_t DumpPackets::head_size() const {
  if (seen_ < packet_header_size) return packet_header_size;
  return packet_header_size + (continues_ ? 0 : std::min(length_, max_head - packet_header_size));
}

void DumpPackets::begin_event() {
  const bool is_event = length_ > semi_sync_header_size && head_[4] == ok_header;
  if (is_event && !marked_) marked_ = semi_sync_ && head_[5] == semi_sync_magic;
  ack_wanted_ = is_event && marked_.value_or(false) && (head_[6] & semi_sync_ack_wanted) != 0;
}

void DumpNumbering::renumber(MutableBytes bytes) {
  while (!bytes.empty()) {
    const auto step = packets_.follow(bytes);
    if (step.sequence_at) bytes[*step.sequence_at] = next_++;
    if (step.ack_wanted) next_ = 1;
    bytes = bytes.subspan(step.size);
  }
}

}  // namespace sluice::wire

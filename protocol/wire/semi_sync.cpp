#include "protocol/wire/semi_sync.hpp"

#include "protocol/server_limits.hpp"

namespace sluice::wire {

std::optional<SemiSyncAck> parse_semi_sync_ack(Bytes payload) {
  Cursor in(payload);
  if (in.u8() != semi_sync_magic) return std::nullopt;
  SemiSyncAck ack;
  ack.position = in.u64();
  const auto file = in.rest_text();
  if (!in.ok() || file.empty() || file.size() > max_file_name) return std::nullopt;
  ack.file = file;
  return ack;
}

void serialize(const SemiSyncAck& ack, Buffer& out) {
  Writer(out).u8(semi_sync_magic).u64(ack.position).text(ack.file);
}

}  // namespace sluice::wire

#include "proxy/replica/heartbeats.hpp"

#include "protocol/binlog/heartbeat.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/semi_sync.hpp"

namespace sluice::proxy {

Buffer Heartbeats::next(const filters::StreamFilter& filter) {
  const auto& format = filter.format();
  if (!filter.is_waiting() || format.version == 0) return {};
  const bool semi_sync = filter.framing() == filters::Framing::semi_sync_packets;
  // To MariaDB, and to its replicas, the flag means something else.
  constexpr std::uint32_t first_with_version_2 = 80026;
  const bool knows = !format.mariadb && format.version >= first_with_version_2;
  const auto type =
      wish_.version_2 && knows ? binlog::EventType::heartbeat_v2 : binlog::EventType::heartbeat;
  // A replica stops for good if this is not where it is (sql/rpl_replica.cc, queue_event).
  const auto at = filter.waiting_position();
  Buffer payload = {wire::ok_header};
  if (semi_sync) payload.insert(payload.end(), {wire::semi_sync_magic, 0});
  const binlog::Heartbeat heartbeat{.file = at.file, .position = at.position};
  if (!serialize(heartbeat, type, format.server_id, format.checksum, payload)) return {};

  if (!numbering_) numbering_.emplace(semi_sync, filter.next_sequence());
  Buffer packet;
  std::uint8_t sequence = 0;
  wire::append_packet(packet, payload, sequence);
  numbering_->renumber(packet);
  return packet;
}

}  // namespace sluice::proxy

// Semi-synchronous replication on the wire (plugin/semisync/semisync_source.cc; MariaDB
// sql/semisync_master.cc; both the same).
#pragma once

#include <optional>
#include <string>

#include "protocol/bytes.hpp"

namespace sluice::wire {

/// Every packet of a semi-sync dump is `0x00 | 0xEF | flag | event`.
inline constexpr std::uint8_t semi_sync_magic = 0xEF;
inline constexpr std::size_t semi_sync_header_size = 2;
/// The flag on the last event of a transaction that the master waits for.
inline constexpr std::uint8_t semi_sync_ack_wanted = 0x01;

/// The replica's answer, always with sequence number 0: `0xEF | position:8 | file name`.
struct SemiSyncAck {
  std::uint64_t position = 0;
  std::string file;
  friend bool operator==(const SemiSyncAck&, const SemiSyncAck&) = default;
};
/// nullopt also for an empty file name or one longer than max_file_name.
[[nodiscard]] std::optional<SemiSyncAck> parse_semi_sync_ack(Bytes payload);
void serialize(const SemiSyncAck& ack, Buffer& out);

}  // namespace sluice::wire

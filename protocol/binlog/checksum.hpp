// The checksum that events may end with: CRC-32 as zlib computes it, over everything before it
// (libs/mysql/binlog/event/binlog_event.h, checksum_crc32).
#pragma once

#include <cstdint>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// The CRC-32 of `bytes`, or of what `so_far` is the CRC-32 of followed by `bytes`.
[[nodiscard]] std::uint32_t crc32_of(Bytes bytes, std::uint32_t so_far = 0);

}  // namespace sluice::binlog

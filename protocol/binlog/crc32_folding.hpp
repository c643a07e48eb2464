// CRC-32 with the processor's carry-less multiplication, where there is one: several times as fast
// as zlib's tables. The method and its constants are those of V. Gopal et al., "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009), bit-reflected.
#pragma once

#include <cstdint>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// What folding takes is a multiple of this, and not less than four times as much.
inline constexpr std::size_t fold_size = 16;

/// Whether this processor can.
[[nodiscard]] bool can_fold_crc32();

/// As crc32_of. `bytes` is as long as described, and can_fold_crc32() is true.
[[nodiscard]] std::uint32_t fold_crc32(Bytes bytes, std::uint32_t so_far);

}  // namespace sluice::binlog

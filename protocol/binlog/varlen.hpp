// Integers of variable length in the self-describing events of MySQL 8.3 and later
// (libs/mysql/serialization/variable_length_integers.h). Not the lenenc of the protocol.
#pragma once

#include <bit>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// The trailing one bits of the first byte count the bytes behind it; the value follows them and
/// the zero bit that ends them.
inline std::uint64_t read_varlen(Cursor& in) {
  const std::uint8_t first = in.u8();
  const auto more = static_cast<std::size_t>(std::countr_one(first));
  const Bytes rest = in.take(more);
  if (!in.ok()) return 0;
  const std::uint64_t high = rest.empty() ? 0 : load_le(rest.data(), more);
  if (more >= 7) return high;  // nothing of the first byte is left for the value
  return high << (7 - more) | std::uint64_t{first} >> (more + 1);
}

/// A signed integer: the lowest bit is the sign, so that small negative ones stay short.
inline std::int64_t read_signed_varlen(Cursor& in) {
  const std::uint64_t folded = read_varlen(in);
  return static_cast<std::int64_t>(folded >> 1 ^ (0 - (folded & 1)));
}

}  // namespace sluice::binlog

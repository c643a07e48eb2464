// The compressed protocol: behind the login the stream of packets travels in pieces, each in a
// packet of its own kind (sql-common/net_serv.cc, compress_packet and net_read_packet):
//
//     packed size:3  sequence:1  plain size:3  the piece, packed
//
// A plain size of 0 says that the piece is not packed. Borders of pieces have nothing to do with
// those of packets. Each packed piece is a whole zlib stream or zstd frame.
#pragma once

#include "protocol/bytes.hpp"

namespace sluice::wire {

inline constexpr std::size_t compressed_header_size = 7;
/// Shorter pieces are not packed (include/mysql_com.h, MIN_COMPRESS_LENGTH).
inline constexpr std::size_t min_compress_size = 50;
/// The largest piece that the header can tell of.
inline constexpr std::size_t max_compressed_piece = 0xFFFFFF;

struct CompressedHeader {
  std::uint32_t packed_size = 0;
  std::uint8_t sequence = 0;
  std::uint32_t plain_size = 0;  ///< 0: as it is
  friend bool operator==(const CompressedHeader&, const CompressedHeader&) = default;
};

/// `at` has compressed_header_size bytes.
inline CompressedHeader load_compressed_header(const std::uint8_t* at) {
  return {static_cast<std::uint32_t>(load_le<3>(at)), at[3],
          static_cast<std::uint32_t>(load_le<3>(at + 4))};
}
inline void store_compressed_header(std::uint8_t* at, const CompressedHeader& header) {
  store_le(at, header.packed_size, 3);
  at[3] = header.sequence;
  store_le(at + 4, header.plain_size, 3);
}

}  // namespace sluice::wire

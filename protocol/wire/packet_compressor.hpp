// The plain stream into compressed packets.
#pragma once

#include "protocol/compression_streams.hpp"
#include "protocol/wire/compressed_packet.hpp"
#include "protocol/wire/compression.hpp"

namespace sluice::wire {

class PacketCompressor {
 public:
  /// As much is packed at a time: more makes it hardly any smaller, and takes the more memory.
  static constexpr std::size_t max_piece = std::size_t{128} << 10;

  explicit PacketCompressor(CompressionSetting setting) : setting_(setting) {}

  /// A packet with `plain` in it, 1 to max_piece bytes; what is not made smaller goes as it is.
  /// Valid until the next call. All calls share their memory.
  [[nodiscard]] Bytes pack(Bytes plain);

  /// The number that the next packet carries. It wraps.
  void set_sequence(std::uint8_t sequence) { sequence_ = sequence; }
  [[nodiscard]] std::uint8_t sequence() const { return sequence_; }

 private:
  [[nodiscard]] std::size_t squeeze(Bytes plain, MutableBytes into);
  [[nodiscard]] std::size_t squeeze_zstd(Bytes plain, MutableBytes into);

  CompressionSetting setting_;
  DeflateStream zlib_;
  ZstdEncoder zstd_;
  Buffer packet_;
  std::uint8_t sequence_ = 0;
};

}  // namespace sluice::wire

// The plain stream into compressed packets.
#pragma once

#include <memory>

#include "protocol/wire/compressed_packet.hpp"
#include "protocol/wire/compression.hpp"

struct z_stream_s;
extern "C" {
struct ZSTD_CCtx_s;
}

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
  struct FreeZlib {
    void operator()(z_stream_s* stream) const;
  };
  struct FreeZstd {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  [[nodiscard]] std::size_t squeeze(Bytes plain, MutableBytes into);
  [[nodiscard]] std::size_t squeeze_zlib(Bytes plain, MutableBytes into);
  [[nodiscard]] std::size_t squeeze_zstd(Bytes plain, MutableBytes into);

  CompressionSetting setting_;
  std::unique_ptr<z_stream_s, FreeZlib> zlib_;
  std::unique_ptr<ZSTD_CCtx_s, FreeZstd> zstd_;
  Buffer packet_;
  std::uint8_t sequence_ = 0;
};

}  // namespace sluice::wire

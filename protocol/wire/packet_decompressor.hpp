// Compressed packets into the plain stream, piece by piece: one may be 16 MiB large on either side.
#pragma once

#include <optional>

#include "protocol/compression_streams.hpp"
#include "protocol/wire/compressed_packet.hpp"
#include "protocol/wire/compression.hpp"

namespace sluice::wire {

class PacketDecompressor {
 public:
  /// `max_plain`: how large a packet's plain side may be. It also limits what zstd holds.
  PacketDecompressor(Compression algorithm, std::size_t max_plain)
      : algorithm_(algorithm), max_plain_(max_plain) {}

  /// Takes bytes off the front of `in` and writes the plain stream; how many. Less than `out`
  /// holds: `in` is used up. Nothing: it is no such stream, for good, and error() says why.
  [[nodiscard]] std::optional<std::size_t> decode(Bytes& in, MutableBytes out);
  [[nodiscard]] std::string_view error() const { return error_; }

  /// The number that the next packet must carry. It wraps.
  void expect_sequence(std::uint8_t sequence) { sequence_ = sequence; }
  [[nodiscard]] std::uint8_t sequence() const { return sequence_; }
  void accept_any_sequence() { any_sequence_ = true; }

 private:
  [[nodiscard]] bool take_header(Bytes& in);
  [[nodiscard]] bool begin_packet();
  [[nodiscard]] std::optional<std::size_t> take_piece(Bytes& in, MutableBytes out);
  [[nodiscard]] std::optional<UnpackStep> unpack(Bytes in, MutableBytes out);
  void fail(std::string_view error) { error_ = error; }

  Compression algorithm_;
  std::size_t max_plain_;
  InflateStream zlib_;
  ZstdDecoder zstd_;

  std::uint8_t header_[compressed_header_size] = {};
  std::size_t header_size_ = 0;  // bytes of the header that are there; all: within a packet
  bool packed_ = false;
  std::size_t packed_left_ = 0;  // bytes of the packet that are still to come
  std::size_t plain_left_ = 0;   // and those they stand for
  std::uint8_t sequence_ = 0;
  bool any_sequence_ = false;
  std::string_view error_;
};

}  // namespace sluice::wire

// What the tests of the compressed protocol share.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/wire/packet_compressor.hpp"
#include "protocol/wire/packet_decompressor.hpp"
#include "unit/protocol/wire/wire_support.hpp"

namespace sluice::test {

inline constexpr std::array compressions{wire::Compression::zlib, wire::Compression::zstd};

inline wire::CompressionSetting usual(wire::Compression algorithm) {
  return {algorithm, algorithm == wire::Compression::zlib ? wire::zlib_default_level
                                                          : wire::zstd_default_level};
}

/// Bytes that no compression makes smaller.
inline Buffer noise(std::size_t size) {
  Buffer bytes(size);
  std::uint32_t state = 1;
  for (auto& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return bytes;
}

/// `text` over and over.
inline Buffer repeated(std::string_view text, std::size_t size) {
  Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(text[i % text.size()]);
  return bytes;
}

/// All of it in packets of `piece` plain bytes each.
inline Buffer packed(wire::PacketCompressor& compressor, Bytes plain, std::size_t piece) {
  Buffer out;
  while (!plain.empty()) {
    const Bytes part = plain.first(std::min(piece, plain.size()));
    const Bytes packet = compressor.pack(part);
    out.insert(out.end(), packet.begin(), packet.end());
    plain = plain.subspan(part.size());
  }
  return out;
}

/// Receives `in` in pieces of `piece` bytes, with room for `room` plain ones at a time. Nothing:
/// the stream is damaged.
inline std::optional<Buffer> unpacked(wire::PacketDecompressor& decompressor, Bytes in,
                                      std::size_t piece = 1 << 20, std::size_t room = 1 << 16) {
  Buffer plain;
  for (;;) {
    const Buffer part(in.begin(),
                      in.begin() + static_cast<std::ptrdiff_t>(std::min(piece, in.size())));
    in = in.subspan(part.size());
    Bytes received(part);
    std::optional<std::size_t> size;
    do {
      Buffer out(room);
      size = decompressor.decode(received, out);
      if (!size) return std::nullopt;
      plain.insert(plain.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
    } while (*size == room);
    CHECK(received.empty());
    if (in.empty()) return plain;
  }
}

}  // namespace sluice::test

// How a connection is compressed once its login is over, and how the two sides agree on it.
//
// The server offers algorithms, the client takes one (Protocol::HandshakeResponse41). MySQL has
// zlib in all versions and zstd since 8.0.18; MariaDB has zlib.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/wire/capabilities.hpp"

namespace sluice::wire {

enum class Compression : std::uint8_t { none, zlib, zstd };

/// What one side packs with. The other side need not know the level.
struct CompressionSetting {
  Compression algorithm = Compression::none;
  int level = 0;
};

// The defaults of the servers (mysql_default_compression_level in mysys/my_compress.cc).
inline constexpr int zlib_default_level = 6;
inline constexpr int zstd_default_level = 3;
inline constexpr int zlib_max_level = 9;
inline constexpr int zstd_max_level = 22;

[[nodiscard]] constexpr std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::none:
      break;
    case Compression::zlib:
      return "zlib";
    case Compression::zstd:
      return "zstd";
  }
  return "none";
}

[[nodiscard]] constexpr Capabilities capability_of(Compression compression) {
  switch (compression) {
    case Compression::none:
      break;
    case Compression::zlib:
      return {Capability::compress};
    case Compression::zstd:
      return {Capability::zstd};
  }
  return {};
}

/// A server's bits for these algorithms. MariaDB has no zstd, and its clients are not shown one.
[[nodiscard]] constexpr Capabilities compression_offer(std::span<const Compression> algorithms,
                                                       bool mariadb) {
  Capabilities bits;
  for (const Compression algorithm : algorithms) {
    if (algorithm == Compression::zstd && mariadb) continue;
    bits = bits | capability_of(algorithm);
  }
  return bits;
}

/// A client's choice: the first of `wanted` that the server offers.
[[nodiscard]] constexpr Compression choose_compression(std::span<const Compression> wanted,
                                                       Capabilities offered) {
  for (const Compression algorithm : wanted) {
    const Capabilities bit = capability_of(algorithm);
    if ((offered & bit) == bit) return algorithm;
  }
  return Compression::none;
}

/// What is in force between two sides that have these bits in common. With both it is zlib
/// (page_protocol_basic_compression in sql-common/net_serv.cc).
[[nodiscard]] constexpr Compression compression_in_force(Capabilities common) {
  if (common.has(Capability::compress)) return Compression::zlib;
  return common.has(Capability::zstd) ? Compression::zstd : Compression::none;
}

}  // namespace sluice::wire

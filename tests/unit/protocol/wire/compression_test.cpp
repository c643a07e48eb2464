#include "protocol/wire/compression.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace sluice::wire;

namespace {

constexpr std::array both{Compression::zstd, Compression::zlib};
constexpr Capabilities zlib_bit{Capability::compress};
constexpr Capabilities zstd_bit{Capability::zstd};

}  // namespace

TEST_CASE("compression: what a server offers") {
  CHECK(compression_offer(both, false) == (zlib_bit | zstd_bit));
  CHECK(compression_offer(both, true) == zlib_bit);
  CHECK(compression_offer(std::array{Compression::zstd}, false) == zstd_bit);
  CHECK(compression_offer(std::array{Compression::zstd}, true) == Capabilities());
  CHECK(compression_offer({}, false) == Capabilities());
}

TEST_CASE("compression: a client takes the first that there is") {
  CHECK(choose_compression(both, zlib_bit | zstd_bit) == Compression::zstd);
  CHECK(choose_compression(both, zlib_bit) == Compression::zlib);
  CHECK(choose_compression(std::array{Compression::zlib, Compression::zstd}, zlib_bit | zstd_bit) ==
        Compression::zlib);
  CHECK(choose_compression(std::array{Compression::zstd}, zlib_bit) == Compression::none);
  CHECK(choose_compression({}, zlib_bit | zstd_bit) == Compression::none);
}

TEST_CASE("compression: with both bits it is zlib") {
  CHECK(compression_in_force(zlib_bit | zstd_bit) == Compression::zlib);
  CHECK(compression_in_force(zstd_bit) == Compression::zstd);
  CHECK(compression_in_force(Capabilities{Capability::protocol_41}) == Compression::none);
}

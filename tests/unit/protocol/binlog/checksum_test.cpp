#include "protocol/binlog/checksum.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <random>

using namespace sluice;

namespace {

std::uint32_t by_zlib(Bytes bytes, std::uint32_t so_far = 0) {
  return static_cast<std::uint32_t>(crc32_z(so_far, bytes.data(), bytes.size()));
}

Buffer random_bytes(std::size_t size) {
  std::mt19937 random(7);
  Buffer bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

}  // namespace

TEST_CASE("the checksum is the CRC-32 that everybody knows") {
  CHECK(binlog::crc32_of({}) == 0);
  CHECK(binlog::crc32_of(as_bytes("123456789")) == 0xCBF43926);
  CHECK(binlog::crc32_of(Buffer(100000, 0)) == by_zlib(Buffer(100000, 0)));
}

TEST_CASE("the checksum is zlib's for every length and alignment") {
  const Buffer bytes = random_bytes(700);
  for (std::size_t begin = 0; begin < 17; ++begin) {
    for (std::size_t size = 0; begin + size <= bytes.size(); ++size) {
      const Bytes piece = Bytes(bytes).subspan(begin, size);
      REQUIRE(binlog::crc32_of(piece) == by_zlib(piece));
      REQUIRE(binlog::crc32_of(piece, 0xDEADBEEF) == by_zlib(piece, 0xDEADBEEF));
    }
  }
}

TEST_CASE("the checksum goes on from piece to piece") {
  const Buffer bytes = random_bytes(4096);
  for (const std::size_t piece : {1U, 15U, 64U, 65U, 100U, 1000U}) {
    std::uint32_t crc = 0;
    for (Bytes rest = bytes; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
      crc = binlog::crc32_of(rest.first(std::min(piece, rest.size())), crc);
    }
    CHECK(crc == by_zlib(bytes));
  }
}

#include "protocol/wire/compressed_packet.hpp"

#include <zlib.h>
#include <zstd.h>

#include "unit/protocol/wire/compressed_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using test::compressions;
using test::hex;
using test::unpacked;
using test::usual;

namespace {

constexpr std::size_t any_size = max_compressed_piece;

/// A packet with that header and body, whatever is in them.
Buffer packet(std::uint8_t sequence, std::size_t plain_size, Bytes body) {
  Buffer bytes(compressed_header_size);
  store_compressed_header(bytes.data(), {static_cast<std::uint32_t>(body.size()), sequence,
                                         static_cast<std::uint32_t>(plain_size)});
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

Buffer squeezed(Compression algorithm, Bytes plain) {
  Buffer out(ZSTD_compressBound(plain.size()) + 64);
  if (algorithm == Compression::zlib) {
    uLongf size = out.size();
    REQUIRE(compress2(out.data(), &size, plain.data(), plain.size(), 6) == Z_OK);
    out.resize(size);
  } else {
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  }
  return out;
}

std::string_view error_of(Compression algorithm, const Buffer& bytes,
                          std::size_t max_plain = any_size) {
  PacketDecompressor decompressor(algorithm, max_plain);
  REQUIRE_FALSE(unpacked(decompressor, bytes));
  Bytes nothing;
  Buffer out(8);
  CHECK_FALSE(decompressor.decode(nothing, out));  // it does not recover
  return decompressor.error();
}

}  // namespace

TEST_CASE("compressed packet: the examples of MySQL's documentation") {
  PacketDecompressor query(Compression::zlib, any_size);
  CHECK(unpacked(query, hex("220000 00 320000 789cd363 6060602e 4ecd494d 2e515032 30343236 "
                            "313533b7 b0c4cd52 02000cd1 0a6c")) ==
        test::bytes_of(std::string_view("\x2e\0\0\0\x03select \"012345678901234567890123456789"
                                        "012345\"",
                                        50)));
  PacketDecompressor small(Compression::zlib, any_size);
  CHECK(unpacked(small, hex("0d0000 00 000000 09000000 0353454c4543542031")) ==
        hex("09000000 0353454c4543542031"));
}

TEST_CASE("compressed packet: what is packed is unpacked, in any pieces") {
  for (const auto algorithm : compressions) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{49}, std::size_t{50},
                                   std::size_t{1000}, std::size_t{300'000}}) {
      for (const Buffer& plain : {test::noise(size), test::repeated("text of a row ", size)}) {
        PacketCompressor compressor(usual(algorithm));
        compressor.set_sequence(250);
        const Buffer bytes = test::packed(compressor, plain, PacketCompressor::max_piece);
        for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
          if (piece == 1 && size > 1000) continue;
          for (const std::size_t room : {std::size_t{1}, std::size_t{13}, std::size_t{1} << 16}) {
            if (room == 1 && size > 1000) continue;
            CAPTURE(name_of(algorithm));
            CAPTURE(size);
            CAPTURE(piece);
            CAPTURE(room);
            PacketDecompressor decompressor(algorithm, PacketCompressor::max_piece);
            decompressor.expect_sequence(250);
            CHECK(unpacked(decompressor, bytes, piece, room) == plain);
            CHECK(decompressor.sequence() == compressor.sequence());
          }
        }
      }
    }
  }
}

TEST_CASE("compressed packet: short and incompressible pieces go as they are") {
  for (const auto algorithm : compressions) {
    PacketCompressor compressor(usual(algorithm));
    for (const Buffer& plain : {Buffer(min_compress_size - 1, 7), test::noise(100'000)}) {
      const Bytes bytes = compressor.pack(plain);
      const auto header = load_compressed_header(bytes.data());
      CHECK(header.plain_size == 0);
      CHECK(header.packed_size == plain.size());
      CHECK(test::same(bytes.subspan(compressed_header_size), plain));
    }
    const Bytes packed = compressor.pack(Buffer(min_compress_size, 7));
    CHECK(load_compressed_header(packed.data()) ==
          CompressedHeader{static_cast<std::uint32_t>(packed.size() - compressed_header_size), 2,
                           min_compress_size});
  }
}

TEST_CASE("compressed packet: a level that is higher packs tighter") {
  static constexpr std::array words{"the ", "quick ", "brown ", "fox ", "jumps ", "over ", "lazy "};
  Buffer plain;
  for (const std::uint8_t byte : test::noise(20'000)) {
    const std::string_view word = words[byte % words.size()];
    plain.insert(plain.end(), word.begin(), word.end());
  }
  for (const auto algorithm : compressions) {
    PacketCompressor fast({algorithm, 1});
    PacketCompressor tight({algorithm, 9});
    CHECK(tight.pack(plain).size() < fast.pack(plain).size());
  }
}

TEST_CASE("compressed packet: a part of a stream is a part of what it stands for") {
  const Buffer plain = test::repeated("to be cut anywhere, ", 300);
  for (const auto algorithm : compressions) {
    PacketCompressor compressor(usual(algorithm));
    const Buffer bytes = test::packed(compressor, plain, 120);
    test::for_each_truncation(bytes, [&](Bytes part) {
      PacketDecompressor decompressor(algorithm, any_size);
      const auto got = unpacked(decompressor, part);
      REQUIRE(got);
      CHECK(got->size() <= plain.size());
      CHECK(test::same(*got, Bytes(plain).first(got->size())));
    });
  }
}

TEST_CASE("compressed packet: one of 16 MiB is unpacked through a small window") {
  const Buffer plain = test::repeated("0123456789abcdef", max_compressed_piece);
  for (const auto algorithm : compressions) {
    PacketDecompressor decompressor(algorithm, any_size);
    const Buffer bytes = packet(0, plain.size(), squeezed(algorithm, plain));
    CHECK(bytes.size() < plain.size() / 100);
    CHECK(unpacked(decompressor, bytes, 1000, 4096) == plain);
  }
}

TEST_CASE("compressed packet: a damaged stream is refused, and says why") {
  const Buffer plain = test::repeated("a stream that is right but for one thing ", 5000);
  for (const auto algorithm : compressions) {
    const Buffer body = squeezed(algorithm, plain);
    const std::string_view wrong_size = "a compressed packet of another size than it says";
    const std::string_view damaged = "a compressed packet that is damaged";
    CHECK(error_of(algorithm, packet(1, plain.size(), body)) == "compressed packets out of order");
    CHECK(error_of(algorithm, packet(0, plain.size() + 1, body)) == wrong_size);
    CHECK(error_of(algorithm, packet(0, plain.size() - 1, body)) == wrong_size);
    CHECK(error_of(algorithm, packet(0, 1, body)) == wrong_size);
    CHECK(error_of(algorithm, packet(0, plain.size(), body), plain.size() - 1) ==
          "a compressed packet that is too large");
    CHECK(error_of(algorithm, packet(0, 0, plain), plain.size() - 1) ==
          "a compressed packet that is too large");
    CHECK(error_of(algorithm, packet(0, plain.size(), {})) ==
          "a compressed packet without content");
    CHECK(error_of(algorithm, packet(0, 0, {})) == "a compressed packet without content");
    CHECK(error_of(algorithm, packet(0, plain.size(), plain)) == damaged);

    Buffer longer = body;
    longer.push_back(0);
    CHECK(error_of(algorithm, packet(0, plain.size(), longer)) == wrong_size);
    Buffer twice = body;
    twice.insert(twice.end(), body.begin(), body.end());
    CHECK(error_of(algorithm, packet(0, 2 * plain.size(), twice)) == wrong_size);
    const Buffer shorter(body.begin(), body.end() - 1);
    CHECK(error_of(algorithm, packet(0, plain.size(), shorter)) == wrong_size);
  }
  Buffer checksum = squeezed(Compression::zlib, plain);
  checksum.back() ^= 1;
  CHECK(error_of(Compression::zlib, packet(0, plain.size(), checksum)) ==
        "a compressed packet that is damaged");
}

TEST_CASE("compressed packet: a byte too many is refused as soon as it is there") {
  const Buffer plain = test::repeated("as long as a match may be ", 5000);
  for (const auto algorithm : compressions) {
    const Buffer bytes = packet(0, plain.size() - 1, squeezed(algorithm, plain));
    test::for_each_truncation(bytes, [&](Bytes part) {
      PacketDecompressor whole(algorithm, any_size);
      PacketDecompressor pieces(algorithm, any_size);
      CHECK(unpacked(whole, part) == unpacked(pieces, part, 1, 1));
    });
  }
}

TEST_CASE("compressed packet: the other algorithm's is damaged") {
  const Buffer plain = test::repeated("neither can read the other ", 500);
  CHECK(error_of(Compression::zstd, packet(0, 500, squeezed(Compression::zlib, plain))) ==
        "a compressed packet that is damaged");
  CHECK(error_of(Compression::zlib, packet(0, 500, squeezed(Compression::zstd, plain))) ==
        "a compressed packet that is damaged");
}

TEST_CASE("compressed packet: zstd gets no larger window than a packet may be") {
  // A frame header with a window of 64 MiB and no content size.
  const Buffer greedy = hex("28b52ffd 00 80 010000 00000000000000000000");
  CHECK(error_of(Compression::zstd, packet(0, 1000, greedy)) ==
        "a compressed packet that is damaged");
}

TEST_CASE("compressed packet: any number is taken where masters start anew as they like") {
  PacketDecompressor decompressor(Compression::zlib, any_size);
  decompressor.accept_any_sequence();
  for (const int number : {7, 8, 0, 1}) {
    CHECK(unpacked(decompressor, packet(static_cast<std::uint8_t>(number), 0, hex("0102"))) ==
          hex("0102"));
  }
  CHECK(decompressor.sequence() == 2);
}

#include "protocol/binlog/payload_header.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using binlog::Compression;
using binlog::PayloadHeader;
using binlog::PayloadHeaderReader;
using Progress = PayloadHeaderReader::Progress;

namespace {

Progress read(Buffer bytes, PayloadHeaderReader& reader) {
  Bytes piece(bytes);
  return reader.feed(piece);
}

Progress read(Buffer bytes) {
  PayloadHeaderReader reader;
  return read(std::move(bytes), reader);
}

}  // namespace

TEST_CASE("the head of a payload, as MySQL 9.7 writes it") {
  std::size_t seen = 0;
  for (const auto& event : test::recording("mysql-9.7-compressed").events()) {
    if (event.header.type != binlog::EventType::transaction_payload) continue;
    const Bytes body = Bytes(event.bytes).subspan(19, event.bytes.size() - 23);
    PayloadHeaderReader reader;
    Bytes rest = body;
    REQUIRE(reader.feed(rest) == Progress::complete);
    CHECK(reader.header().payload_size == rest.size());
    CHECK(reader.header().compression == Compression::zstd);
    CHECK(reader.header().uncompressed_size.value() > rest.size());
    // Written again it has the same size.
    CHECK(binlog::serialized_size(reader.header()) == body.size() - rest.size());
    ++seen;
  }
  CHECK(seen >= 3);
}

TEST_CASE("a head is the same in whatever pieces it comes, and cut anywhere it is not complete") {
  Buffer head;
  binlog::serialize({70000, Compression::none, 0x1000000}, 300, head);
  head.insert(head.end(), {9, 9, 9});
  for (std::size_t cut = 0; cut < head.size(); ++cut) {
    PayloadHeaderReader reader;
    Bytes first = Bytes(head).first(cut);
    const bool whole = cut >= head.size() - 3;
    REQUIRE(reader.feed(first) == (whole ? Progress::complete : Progress::need_more));
    if (whole) continue;
    Bytes second = Bytes(head).subspan(cut);
    REQUIRE(reader.feed(second) == Progress::complete);
    CHECK(second.size() == 3);
    CHECK(reader.header().payload_size == 70000);
    CHECK(reader.header().compression == Compression::none);
    CHECK(reader.header().uncompressed_size == 0x1000000);
  }
}

TEST_CASE("padding of every size fits to the byte") {
  const PayloadHeader header{1234, Compression::zstd, 99};
  for (std::uint64_t padding = 0; padding < 70000;
       padding += padding < 600 || padding > 65000 ? 1 : 97) {
    if (padding == 1) continue;
    CAPTURE(padding);
    Buffer head;
    binlog::serialize(header, padding, head);
    REQUIRE(head.size() == binlog::serialized_size(header) + padding);
    PayloadHeaderReader reader;
    Bytes rest(head);
    REQUIRE(reader.feed(rest) == Progress::complete);
    REQUIRE(rest.empty());
    REQUIRE(reader.header().payload_size == 1234);
  }
}

TEST_CASE("malformed heads") {
  CHECK(read({}) == Progress::need_more);
  CHECK(read({0}) == Progress::malformed);                    // no size
  CHECK(read({1, 1, 5, 0}) == Progress::malformed);           // no compression
  CHECK(read({2, 1, 0, 0}) == Progress::malformed);           // no size
  CHECK(read({2, 1, 7, 1, 1, 5, 0}) == Progress::malformed);  // a compression nobody knows
  CHECK(read({1, 2, 5, 0}) == Progress::malformed);           // a length that is not its value's
  CHECK(read({1, 0, 0}) == Progress::malformed);              // an empty value
  CHECK(read({1, 200}) == Progress::malformed);               // longer than a number can be
  CHECK(read({0xFB}) == Progress::malformed);                 // NULL is no number
  CHECK(read({1, 0xFF}) == Progress::malformed);
  CHECK(read({2, 1, 0, 1, 1, 5, 0}) == Progress::complete);
  CHECK(read({2, 1, 0, 1, 1, 5, 77, 2, 1, 2, 0}) == Progress::complete);  // an unknown field
}

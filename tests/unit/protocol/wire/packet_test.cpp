#include "protocol/wire/packet.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using Status = PacketAssembler::Status;

namespace {

constexpr std::size_t big_limit = 64u << 20;

/// Feeds `input` in pieces of that size and gives the payloads back.
std::vector<Buffer> assemble(PacketAssembler& assembler, Bytes input, std::size_t piece) {
  std::vector<Buffer> payloads;
  while (!input.empty()) {
    const auto step = assembler.feed(input.first(std::min(piece, input.size())));
    REQUIRE((step.status == Status::complete || step.status == Status::need_more));
    REQUIRE(step.consumed > 0);
    input = input.subspan(step.consumed);
    if (step.status == Status::complete) {
      payloads.emplace_back(assembler.payload().begin(), assembler.payload().end());
    }
  }
  return payloads;
}

}  // namespace

TEST_CASE("packet: a short payload has one header") {
  Buffer out;
  std::uint8_t sequence = 254;
  append_packet(out, test::hex("0102"), sequence);
  append_packet(out, {}, sequence);
  CHECK(out == test::hex("020000fe 0102 000000ff"));
  CHECK(sequence == 0);
}

TEST_CASE("packet: where numbers do not matter the answer still follows the last one") {
  PacketAssembler assembler(big_limit);
  assembler.accept_any_sequence();
  CHECK(assemble(assembler, test::hex("01000005 aa 01000002 bb"), 3).size() == 2);
  CHECK(assembler.next_sequence() == 3);
}

TEST_CASE("packet: payloads around 16 MiB are split, and joined again") {
  struct Case {
    std::size_t size;
    std::size_t packets;
  };
  for (const auto& sample : {Case{max_packet_payload - 1, 1}, Case{max_packet_payload, 2},
                             Case{max_packet_payload + 1, 2}, Case{2 * max_packet_payload, 3}}) {
    const auto& size = sample.size;
    const auto& packets = sample.packets;
    CAPTURE(size);
    Buffer payload(size, 7);
    payload.back() = 8;
    Buffer out;
    std::uint8_t sequence = 255;
    append_packet(out, payload, sequence);
    CHECK(out.size() == size + packets * packet_header_size);
    CHECK(sequence == static_cast<std::uint8_t>(255 + packets));

    PacketAssembler assembler(big_limit);
    assembler.expect_sequence(255);
    const auto payloads = assemble(assembler, out, 1u << 20);
    REQUIRE(payloads.size() == 1);
    CHECK(payloads[0] == payload);
    CHECK(assembler.next_sequence() == sequence);
  }
}

TEST_CASE("packet: pieces of any size give the same payloads") {
  Buffer stream;
  std::uint8_t sequence = 0;
  for (int i = 0; i < 300; ++i) {  // the sequence number wraps
    append_packet(stream, Buffer(static_cast<std::size_t>(i % 7), static_cast<std::uint8_t>(i)),
                  sequence);
  }
  for (std::size_t piece = 1; piece < 40; ++piece) {
    PacketAssembler assembler(big_limit);
    const auto payloads = assemble(assembler, stream, piece);
    REQUIRE(payloads.size() == 300);
    CHECK(payloads[299] == Buffer(299 % 7, 299 & 0xFF));
  }
}

TEST_CASE("packet: bytes behind the payload stay with the caller") {
  const auto input = test::hex("02000000 aabb 160301");  // a TLS ClientHello behind it
  PacketAssembler assembler(big_limit);
  const auto step = assembler.feed(input);
  CHECK(step.status == Status::complete);
  CHECK(step.consumed == 6);
  CHECK(test::same(assembler.payload(), test::hex("aabb")));
}

TEST_CASE("packet: who reads what is wanted reads no byte behind the payload") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, max_packet_payload}) {
    const Buffer payload(size, 7);
    Buffer stream;
    std::uint8_t sequence = 0;
    append_packet(stream, payload, sequence);
    PacketAssembler assembler(big_limit);
    Bytes left(stream);
    Status status = Status::need_more;
    while (status == Status::need_more) {
      REQUIRE(assembler.wanted() > 0);
      REQUIRE(assembler.wanted() <= left.size());
      const auto step = assembler.feed(left.first(assembler.wanted()));
      left = left.subspan(step.consumed);
      status = step.status;
    }
    CHECK(status == Status::complete);
    CHECK(left.empty());
    CHECK(assembler.payload().size() == size);
  }
}

TEST_CASE("packet: a wrong sequence number is an error for good") {
  PacketAssembler assembler(big_limit);
  CHECK(assembler.feed(test::hex("01000001 00")).status == Status::bad_sequence);
  CHECK(assembler.feed(test::hex("01000000 00")).status == Status::bad_sequence);
}

TEST_CASE("packet: the second part of a split payload must count on") {
  Buffer out;
  std::uint8_t sequence = 0;
  append_packet(out, Buffer(max_packet_payload), sequence);
  out.back() = 5;
  PacketAssembler assembler(big_limit);
  CHECK(assembler.feed(out).status == Status::bad_sequence);
}

TEST_CASE("packet: a payload over the limit is refused by its header alone") {
  PacketAssembler assembler(100);
  CHECK(assembler.feed(test::hex("65000000")).status == Status::too_large);

  PacketAssembler joined(max_packet_payload + 1);
  Buffer out;
  std::uint8_t sequence = 0;
  append_packet(out, Buffer(max_packet_payload + 2), sequence);
  CHECK(joined.feed(out).status == Status::too_large);

  PacketAssembler exact(2);
  CHECK(exact.feed(test::hex("02000000 0102")).status == Status::complete);
}

TEST_CASE("packet: a new command starts at zero again") {
  PacketAssembler assembler(100);
  assembler.expect_sequence(3);
  CHECK(assembler.feed(test::hex("01000003 ff")).status == Status::complete);
  CHECK(assembler.next_sequence() == 4);
  assembler.expect_sequence(0);
  CHECK(assembler.feed(test::hex("01000000")).status == Status::need_more);
  CHECK(assembler.feed(test::hex("0e")).status == Status::complete);
}

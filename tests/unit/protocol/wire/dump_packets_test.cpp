#include "protocol/wire/dump_packets.hpp"

#include <doctest/doctest.h>

#include "protocol/wire/packet.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using test::hex;

namespace {

/// What following `stream` in pieces of that size finds.
struct Found {
  std::vector<std::size_t> sequences, acks, empties;  // offsets: of numbers, behind packets
  bool operator==(const Found&) const = default;
};

Found follow(Bytes stream, std::size_t piece, bool semi_sync = true) {
  DumpPackets packets(semi_sync);
  Found found;
  std::size_t at = 0;
  while (at < stream.size()) {
    const Bytes part = stream.subspan(at, std::min(piece, stream.size() - at));
    const auto step = packets.follow(part);
    REQUIRE(step.size > 0);
    REQUIRE(step.size <= part.size());
    if (step.sequence_at) found.sequences.push_back(at + *step.sequence_at);
    at += step.size;
    if (step.ack_wanted) found.acks.push_back(at);
    if (step.empty_packet) found.empties.push_back(at);
  }
  return found;
}

Found follow_in_any_pieces(const Buffer& stream, bool semi_sync = true) {
  const Found whole = follow(stream, stream.size(), semi_sync);
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 11U}) {
    CHECK(follow(stream, piece, semi_sync) == whole);
  }
  return whole;
}

}  // namespace

TEST_CASE("dump packets: the end of an event that wants an acknowledgement") {
  const Buffer stream =
      hex("06000001 00ef00010203"    // 0: does not
          "06000002 00ef01010203"    // 10: does
          "06000003 00ef00010203");  // 20
  const Found found = follow_in_any_pieces(stream);
  CHECK(found.sequences == std::vector<std::size_t>{3, 13, 23});
  CHECK(found.acks == std::vector<std::size_t>{20});
  CHECK(found.empties.empty());
}

TEST_CASE("dump packets: without semi-synchronous replication nothing looks like its mark") {
  // An event may begin with these bytes: they are a time.
  const Buffer stream = hex("06000001 00ef01010203 06000002 00ef01010203");
  CHECK(follow_in_any_pieces(stream, false).acks.empty());
  // Asked for, but turned off on the master: the first event, a made-up ROTATE, shows it.
  const Buffer off = hex("06000001 000000000000 06000002 00ef01010203");
  CHECK(follow_in_any_pieces(off).acks.empty());
}

TEST_CASE("dump packets: errors, ends and what is too short for a mark want nothing") {
  const Buffer stream =
      hex("03000001 ffef01"
          "03000002 feef01"
          "01000003 00"
          "02000004 00ef"
          "03000005 00ef01");
  CHECK(follow_in_any_pieces(stream).acks == std::vector<std::size_t>{32});
}

TEST_CASE("dump packets: an event in several packets wants it at its end") {
  Buffer payload(max_packet_payload + 3, 0xEF);
  payload[0] = 0;
  payload[2] = 1;
  Buffer stream;
  std::uint8_t sequence = 1;
  append_packet(stream, payload, sequence);
  const std::size_t end = stream.size();
  append_packet(stream, hex("00ef00aa"), sequence);
  for (const std::size_t piece : {std::size_t{1} << 16, stream.size()}) {
    const Found found = follow(stream, piece);
    CHECK(found.sequences == std::vector<std::size_t>{3, max_packet_payload + 7, end + 3});
    CHECK(found.acks == std::vector<std::size_t>{end});
  }
}

TEST_CASE("dump packets: a multiple of 16 MiB - 1 ends with an empty packet") {
  Buffer payload(max_packet_payload, 0);
  payload[1] = 0xEF;
  payload[2] = 1;
  Buffer stream;
  std::uint8_t sequence = 1;
  append_packet(stream, payload, sequence);
  const Found found = follow(stream, 100'000);
  CHECK(found.empties == std::vector<std::size_t>{stream.size()});
  CHECK(found.acks == std::vector<std::size_t>{stream.size()});
}

TEST_CASE("dump packets: numbers count on, and from 1 behind an acknowledgement") {
  Buffer stream = hex(
      "04000007 00ef00aa 04000007 00ef01aa 04000003 00ef00aa 04000004 00ef01aa 04000009 00ef00aa");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    Buffer numbered = stream;
    DumpNumbering numbering(true);
    for (MutableBytes rest(numbered); !rest.empty();
         rest = rest.subspan(std::min(piece, rest.size()))) {
      numbering.renumber(rest.first(std::min(piece, rest.size())));
    }
    CHECK(numbered == hex("04000001 00ef00aa 04000002 00ef01aa 04000001 00ef00aa 04000002 00ef01aa "
                          "04000001 00ef00aa"));
  }
}

TEST_CASE("dump packets: numbers wrap") {
  Buffer stream;
  for (int i = 0; i < 300; ++i) {
    std::uint8_t sequence = 0;
    append_packet(stream, hex("0001"), sequence);
  }
  DumpNumbering numbering(false);
  numbering.renumber(stream);
  CHECK(stream[3] == 1);
  CHECK(stream[254 * 6 + 3] == 255);
  CHECK(stream[255 * 6 + 3] == 0);
  CHECK(stream[299 * 6 + 3] == 44);
}

#include "protocol/wire/compressed_stream.hpp"

#include <algorithm>

#include "protocol/wire/packet.hpp"
#include "unit/protocol/wire/compressed_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using test::hex;
using test::usual;

namespace {

constexpr std::size_t max_plain = std::size_t{1} << 20;

/// The headers of the packets that are sent for `plain`, and their bytes.
struct Sent {
  std::vector<CompressedHeader> headers;
  Buffer bytes;
  [[nodiscard]] std::vector<std::uint8_t> numbers() const {
    std::vector<std::uint8_t> all;
    for (const auto& header : headers) all.push_back(header.sequence);
    return all;
  }
};

Sent send(CompressedStream& from, Bytes plain) {
  Sent sent;
  while (!plain.empty()) {
    from.pack(plain);
    plain = plain.subspan(from.take_packed());
    sent.headers.push_back(load_compressed_header(from.outgoing().data()));
    while (!from.outgoing().empty()) {  // as a socket that takes little does
      const Bytes part = from.outgoing().first(std::min<std::size_t>(5, from.outgoing().size()));
      sent.bytes.insert(sent.bytes.end(), part.begin(), part.end());
      from.sent(part.size());
    }
  }
  return sent;
}

/// What `to` makes of the bytes.
Buffer receive(CompressedStream& to, Bytes bytes) {
  Buffer plain;
  Buffer into(1000);
  for (;;) {
    const std::size_t size = to.read(into);
    REQUIRE(to.error().empty());
    plain.insert(plain.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
    if (size > 0) continue;
    if (bytes.empty()) return plain;
    const MutableBytes room = to.room();
    const std::size_t part = std::min<std::size_t>(std::min(room.size(), bytes.size()), 17);
    std::copy_n(bytes.begin(), part, room.begin());
    to.received(part);
    bytes = bytes.subspan(part);
  }
}

Buffer event(std::uint8_t sequence, std::string_view flags, std::size_t size) {
  Buffer payload = test::repeated("event of a master ", size);
  const Buffer prefix = hex(flags);
  std::copy(prefix.begin(), prefix.end(), payload.begin());
  Buffer packet;
  append_packet(packet, payload, sequence);
  return packet;
}

Buffer operator+(Buffer a, const Buffer& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

using Numbers = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("compressed stream: commands and answers count together, anew with each command") {
  for (const auto algorithm : test::compressions) {
    CompressedStream client(usual(algorithm), max_plain), server(usual(algorithm), max_plain);
    for (int round = 0; round < 3; ++round) {
      client.begin_command();
      server.begin_command();
      const Buffer command = test::repeated("SELECT 1 ", round == 1 ? 300'000 : 40);
      const Sent asked = send(client, command);
      CHECK(asked.numbers() == (round == 1 ? Numbers{0, 1, 2} : Numbers{0}));
      CHECK(receive(server, asked.bytes) == command);
      const Buffer answer = test::repeated("a row ", 200'000);
      const Sent answered = send(server, answer);
      CHECK(answered.numbers() == (round == 1 ? Numbers{3, 4} : Numbers{1, 2}));
      CHECK(receive(client, answered.bytes) == answer);
    }
    CHECK(server.total_sent() < 30'000);
  }
}

TEST_CASE("compressed stream: a dump goes on from its command") {
  CompressedStream replica(usual(Compression::zlib), max_plain);
  CompressedStream master(usual(Compression::zlib), max_plain);
  replica.begin_command();
  master.begin_command();
  CHECK(receive(master, send(replica, hex("0100000012")).bytes) == hex("0100000012"));
  replica.begin_dump_as_replica(false);
  master.begin_dump_as_master(false, false);
  for (int i = 0; i < 300; ++i) {
    const Buffer bytes = event(static_cast<std::uint8_t>(i + 1), "00efff", 100);
    const Sent sent = send(master, bytes);
    REQUIRE(sent.headers.size() == 1);
    CHECK(sent.headers[0].sequence == static_cast<std::uint8_t>(i + 1));
    CHECK(receive(replica, sent.bytes) == bytes);
  }
}

TEST_CASE("compressed stream: a piece ends where the replica answers, and both start anew there") {
  for (const bool mariadb : {false, true}) {
    const auto algorithm = mariadb ? Compression::zlib : Compression::zstd;
    const std::uint8_t anew = mariadb ? 1 : 0;
    CompressedStream replica(usual(algorithm), max_plain), master(usual(algorithm), max_plain);
    replica.begin_command();
    master.begin_command();
    CHECK(receive(master, send(replica, hex("0100000012")).bytes).size() == 5);
    replica.begin_dump_as_replica(true);
    master.begin_dump_as_master(true, mariadb);
    const Buffer head = event(1, "00ef00", 100) + event(2, "00ef00", 2000);
    const Buffer last = event(3, "00ef01", 300);
    const Buffer more = event(1, "00ef00", 100) + event(2, "00ef01", 100);
    const Sent sent = send(master, head + last + more + head);
    CHECK(sent.numbers() == Numbers{1, anew, anew});
    CHECK(sent.headers[0].plain_size == head.size() + last.size());
    CHECK(sent.headers[1].plain_size == more.size());
    CHECK(receive(replica, sent.bytes) == head + last + more + head);

    // The answers are commands.
    const Buffer ack = hex("0a000000 ef0400000000000000 61");
    for (int i = 0; i < 3; ++i) {
      replica.begin_command();
      master.begin_command();
      const Sent answer = send(replica, ack);
      CHECK(answer.numbers() == Numbers{0});
      CHECK(receive(master, answer.bytes) == ack);
    }
    CHECK(send(master, head).numbers() == Numbers{static_cast<std::uint8_t>(anew + 1)});
  }
}

TEST_CASE("compressed stream: a piece ends behind an empty packet") {
  CompressedStream master(usual(Compression::zstd), max_plain);
  master.begin_dump_as_master(false, false);
  Buffer stream;
  std::uint8_t sequence = 1;
  Buffer payload(max_packet_payload, 7);
  payload[0] = 0;
  append_packet(stream, payload, sequence);
  const std::size_t end = stream.size();
  append_packet(stream, hex("0001020304"), sequence);
  std::size_t at = 0;
  bool seen = false;
  while (at < stream.size()) {
    master.pack(Bytes(stream).subspan(at));
    at += master.take_packed();
    master.sent(master.outgoing().size());
    seen = seen || at == end;
  }
  CHECK(seen);
}

TEST_CASE("compressed stream: a master's numbers within its packets do not matter") {
  CompressedStream master(usual(Compression::zlib), max_plain);
  CompressedStream replica(usual(Compression::zlib), max_plain);
  replica.begin_dump_as_replica(true);
  const Buffer sent = event(9, "00ef00", 60) + event(9, "00ef01", 60) + event(0, "00ef00", 60);
  CHECK(receive(replica, send(master, sent).bytes) ==
        event(1, "00ef00", 60) + event(2, "00ef01", 60) + event(1, "00ef00", 60));
}

TEST_CASE("compressed stream: an error is the stream's end") {
  CompressedStream stream(usual(Compression::zlib), max_plain);
  const Buffer garbage = test::repeated("GET / HTTP/1.1\r\n", 64);
  std::copy(garbage.begin(), garbage.end(), stream.room().begin());
  stream.received(garbage.size());
  Buffer into(100);
  CHECK(stream.read(into) == 0);
  CHECK(stream.error() == "compressed packets out of order");
  CHECK(stream.read(into) == 0);
}

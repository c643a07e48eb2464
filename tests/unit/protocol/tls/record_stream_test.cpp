#include "protocol/tls/record_stream.hpp"

#include <doctest/doctest.h>

#include "filters/stream/stream_buffer.hpp"
#include "unit/protocol/tls/tls_support.hpp"

namespace sluice::test {
namespace {

using tls::RecordStream;

/// The stream under test, and the keys of its peer.
struct Scene {
  explicit Scene(std::uint64_t records_per_key = RecordStream::max_records)
      : stream(key_of(suite(0x1302), 1), key_of(suite(0x1302), 2), records_per_key) {}

  [[nodiscard]] Buffer from_peer(std::uint8_t type, Bytes content) {
    return sealed(sending, type, content);
  }
  /// What the peer sends is no stream any more: whatever comes behind is not read.
  void check_refused(const Buffer& wire, std::string_view error, std::uint8_t alert) {
    Buffer more = wire;
    const Buffer behind = from_peer(23, Buffer{1});
    more.insert(more.end(), behind.begin(), behind.end());
    CHECK(feed(stream, more).empty());
    CHECK(stream.ended());
    CHECK(stream.error() == error);
    REQUIRE(stream.pack_alert());
    check_alert(2, alert);
  }
  void check_alert(std::uint8_t level, std::uint8_t alert) {
    Buffer content(2);
    const auto opened = receiving.open(stream.outgoing(), content);
    REQUIRE(opened);
    CHECK(opened->type == 21);
    CHECK(content == Buffer{level, alert});
  }

  RecordStream stream;
  tls::RecordKey sending = key_of(suite(0x1302), 1);
  tls::RecordKey receiving = key_of(suite(0x1302), 2);
};

constexpr std::string_view not_sent = "a record that is not what the peer has sent";

}  // namespace

TEST_CASE("Record stream: what one packs another reads, in any pieces") {
  const Buffer plain = some_bytes(200000);
  for (const std::size_t piece : {1U, 5U, 16405U, 16406U, 16407U, 1U << 20U}) {
    for (const std::size_t room : {1U, 100U, 16383U, 16384U, 16385U, 1U << 17U}) {
      CAPTURE(piece);
      CAPTURE(room);
      RecordStream from(key_of(suite(0x1301), 1), key_of(suite(0x1301), 2));
      RecordStream to(key_of(suite(0x1301), 2), key_of(suite(0x1301), 1));
      CHECK(feed(to, pack_all(from, plain), piece, room) == plain);
      CHECK_FALSE(to.ended());
    }
  }
}

TEST_CASE("Record stream: the fewest records, and many of them at once") {
  Scene scene;
  const Buffer plain = some_bytes(40000);
  REQUIRE(scene.stream.pack(plain));
  CHECK(scene.stream.take_packed() == plain.size());
  CHECK(scene.stream.take_packed() == 0);
  CHECK(scene.stream.outgoing().size() == plain.size() + 3 * tls::overhead);
  scene.stream.sent(10);
  CHECK(scene.stream.outgoing().size() == plain.size() + 3 * tls::overhead - 10);
  scene.stream.sent(scene.stream.outgoing().size());
  CHECK(scene.stream.outgoing().empty());
}

TEST_CASE("Record stream: all that a stream's buffer holds goes in full records, at once") {
  Scene scene;
  filters::StreamBuffer buffer(filters::StreamBuffer::Room::of_thread);
  buffer.received(buffer.take().size());
  REQUIRE(scene.stream.pack(buffer.pending()));
  CHECK(scene.stream.take_packed() == buffer.pending().size());
  CHECK(scene.stream.outgoing().size() ==
        ThreadSpace::records * (tls::max_content + tls::overhead));
}

TEST_CASE("Record stream: small ones are read one after the other") {
  Scene scene;
  Buffer wire;
  Buffer plain;
  for (std::size_t size = 1; size < 300; ++size) {
    const Buffer content = some_bytes(size);
    const Buffer record = scene.from_peer(23, content);
    wire.insert(wire.end(), record.begin(), record.end());
    plain.insert(plain.end(), content.begin(), content.end());
  }
  CHECK(feed(scene.stream, wire, 1000) == plain);
}

TEST_CASE("Record stream: the peer's end") {
  Scene scene;
  Buffer wire = scene.from_peer(23, Buffer{7});
  const Buffer end = scene.from_peer(21, Buffer{1, 0});
  wire.insert(wire.end(), end.begin(), end.end());
  CHECK(feed(scene.stream, wire) == Buffer{7});
  CHECK(scene.stream.ended());
  CHECK(scene.stream.error().empty());
  REQUIRE(scene.stream.pack_alert());
  scene.check_alert(1, 0);
}

TEST_CASE("Record stream: an alert of the peer's says its number") {
  Scene scene;
  CHECK(feed(scene.stream, scene.from_peer(21, Buffer{2, 20})).empty());
  CHECK(scene.stream.ended());
  CHECK(scene.stream.error() == "the peer's alert 20");
  // Nothing is sent behind it.
  CHECK_FALSE(scene.stream.pack_alert());
}

TEST_CASE(
    "Record stream: a peer that says before its end that it has been cancelled, as Java's do") {
  Scene scene;
  CHECK(feed(scene.stream, scene.from_peer(21, Buffer{1, 90})).empty());
  CHECK_FALSE(scene.stream.ended());
  CHECK(feed(scene.stream, scene.from_peer(21, Buffer{1, 0})).empty());
  CHECK(scene.stream.ended());
  CHECK(scene.stream.error().empty());
}

TEST_CASE("Record stream: a record that was changed, repeated, left out or moved") {
  Scene scene;
  const Buffer first = scene.from_peer(23, Buffer{1});
  const Buffer second = scene.from_peer(23, Buffer{2});
  SUBCASE("changed") {
    Buffer changed = first;
    changed[7] ^= 1;
    scene.check_refused(changed, not_sent, 20);
  }
  SUBCASE("left out or moved") {
    scene.check_refused(second, not_sent, 20);
  }
  SUBCASE("repeated") {
    CHECK(feed(scene.stream, first) == Buffer{1});
    scene.check_refused(first, not_sent, 20);
  }
}

TEST_CASE("Record stream: lengths that no record has") {
  SUBCASE("too long, before any of it has come") {
    Scene scene;
    scene.check_refused({23, 3, 3, 0x40, 0x12}, "a record that is too long", 22);
  }
  SUBCASE("as long as one may be") {
    Scene scene;
    CHECK(feed(scene.stream, scene.from_peer(23, some_bytes(16384))).size() == 16384);
  }
  SUBCASE("too short") {
    Scene scene;
    scene.check_refused({23, 3, 3, 0, 16}, "a record that is too short", 50);
  }
}

TEST_CASE("Record stream: what may not come") {
  Scene scene;
  const std::string_view of_a_type = "a record of a type that may not come";
  SUBCASE("an alert in clear") {
    scene.check_refused({21, 3, 3, 0, 2, 2, 20}, "what is no record", 10);
  }
  SUBCASE("a record of another version") {
    scene.check_refused({23, 3, 1, 0, 100}, "what is no record", 10);
  }
  SUBCASE("no type") {
    scene.check_refused(scene.from_peer(0, Buffer(3)), of_a_type, 10);
  }
  SUBCASE("a ChangeCipherSpec") {
    scene.check_refused(scene.from_peer(20, Buffer{1}), of_a_type, 10);
  }
  SUBCASE("an alert without content") {
    scene.check_refused(scene.from_peer(21, {}), "an alert that is none", 10);
  }
  SUBCASE("an alert of one byte") {
    scene.check_refused(scene.from_peer(21, Buffer{1}), "an alert that is none", 50);
  }
  SUBCASE("a handshake message") {
    scene.check_refused(scene.from_peer(22, Buffer{1, 0, 0, 0}),
                        "a handshake message that may not come", 10);
  }
  SUBCASE("data within a message") {
    Buffer wire = scene.from_peer(22, Buffer{24, 0});
    const Buffer data = scene.from_peer(23, Buffer{1});
    wire.insert(wire.end(), data.begin(), data.end());
    scene.check_refused(wire, "a message that is cut off", 10);
  }
}

TEST_CASE("Record stream: some records without data are passed over, but not for ever") {
  Scene scene;
  const auto send_empty = [&](int count) {
    Buffer wire;
    for (; count > 0; --count) {
      const Buffer record = scene.from_peer(23, {});
      wire.insert(wire.end(), record.begin(), record.end());
    }
    return wire;
  };
  CHECK(feed(scene.stream, send_empty(32)).empty());
  CHECK_FALSE(scene.stream.ended());
  CHECK(feed(scene.stream, scene.from_peer(23, Buffer{1})) == Buffer{1});
  scene.check_refused(send_empty(33), "too many records without data", 10);
}

TEST_CASE("Record stream: a peer that only reads may change its key any number of times") {
  Scene scene;
  for (int count = 0; count < 1000; ++count) {
    CHECK(feed(scene.stream, scene.from_peer(22, Buffer{24, 0, 0, 1, 1})).empty());
    REQUIRE(scene.sending.update());
  }
  CHECK_FALSE(scene.stream.ended());
  CHECK(feed(scene.stream, scene.from_peer(23, Buffer{1})) == Buffer{1});
  // One change answers them all.
  const Buffer wire = pack_all(scene.stream, Buffer{2});
  CHECK(wire.size() == 5 + 1 + 2 * tls::overhead);
}

TEST_CASE("Record stream: the peer changes its key, and asks for ours") {
  Scene scene;
  CHECK(feed(scene.stream, scene.from_peer(22, Buffer{24, 0, 0, 1, 1})).empty());
  REQUIRE(scene.sending.update());
  CHECK(feed(scene.stream, scene.from_peer(23, Buffer{1})) == Buffer{1});

  REQUIRE(scene.stream.pack(Buffer{2}));
  const Bytes wire = scene.stream.outgoing();
  Buffer content(5);
  const std::size_t message = 5 + tls::overhead;
  REQUIRE(scene.receiving.open(wire.first(message), content));
  CHECK(content == Buffer{24, 0, 0, 1, 0});
  REQUIRE(scene.receiving.update());
  REQUIRE(scene.receiving.open(wire.subspan(message), content));
  CHECK(content[0] == 2);
  // Once.
  const Buffer more = pack_all(scene.stream, Buffer{3});
  CHECK(more.size() == 1 + tls::overhead);
  CHECK(scene.receiving.open(more, content));
}

TEST_CASE("Record stream: a key is changed before it has been used too often") {
  RecordStream from(key_of(suite(0x1301), 1), key_of(suite(0x1301), 2), 8);
  RecordStream to(key_of(suite(0x1301), 2), key_of(suite(0x1301), 1));
  const Buffer plain = some_bytes(1000000);
  const Buffer wire = pack_all(from, plain);
  CHECK(feed(to, wire) == plain);
  CHECK(wire.size() > plain.size() + 62 * tls::overhead + 5 * (5 + tls::overhead));
}

TEST_CASE("Record stream: where nothing is in it another one of the thread has its space") {
  Scene one;
  Scene other;
  const Buffer record = one.from_peer(23, Buffer{1, 2, 3});
  const MutableBytes space = one.stream.room();
  CHECK(space.size() == ThreadSpace::size);
  CHECK(other.stream.room().data() != space.data());
  other.stream.received(0);  // nothing was there
  std::ranges::copy(record, space.begin());
  one.stream.received(record.size());
  Buffer into(2);
  REQUIRE(one.stream.read(into) == 2);
  CHECK(other.stream.room().data() != space.data());
  other.stream.received(0);
  REQUIRE(one.stream.read(into) == 1);
  REQUIRE(one.stream.read(into) == 0);
  CHECK(other.stream.room().data() == space.data());
}

TEST_CASE("Record stream: what has been sent leaves its space to another one of the thread") {
  Scene one;
  Scene other;
  REQUIRE(one.stream.pack(Buffer{1}));
  const std::uint8_t* const space = one.stream.outgoing().data();
  one.stream.sent(one.stream.outgoing().size() - 1);
  REQUIRE(other.stream.pack(Buffer{1}));
  CHECK(other.stream.outgoing().data() != space);
  other.stream.sent(other.stream.outgoing().size());
  one.stream.sent(1);
  REQUIRE(other.stream.pack(Buffer{2}));
  CHECK(other.stream.outgoing().data() == space);
}

TEST_CASE("Record stream: what waits to be sent is parked without the space around it") {
  Scene one;
  Scene other;
  const Buffer plain = some_bytes(1000);
  REQUIRE(one.stream.pack(plain));
  const std::uint8_t* const space = one.stream.outgoing().data();
  Buffer wire;
  const auto send = [&](std::size_t size) {
    const Bytes part = one.stream.outgoing().first(size);
    wire.insert(wire.end(), part.begin(), part.end());
    one.stream.sent(size);
  };
  send(300);
  one.stream.park_outgoing();
  REQUIRE(other.stream.pack(Buffer{1}));
  CHECK(other.stream.outgoing().data() == space);
  send(300);
  one.stream.park_outgoing();
  send(one.stream.outgoing().size());
  one.stream.park_outgoing();  // nothing
  CHECK(one.stream.outgoing().empty());
  REQUIRE(one.stream.pack(Buffer{7}));
  send(one.stream.outgoing().size());
  Buffer expected = plain;
  expected.push_back(7);
  RecordStream peer(key_of(suite(0x1302), 2), key_of(suite(0x1302), 1));
  CHECK(feed(peer, wire) == expected);
}

TEST_CASE("Record stream: what has come is parked without the space around it") {
  Scene one;
  Scene other;
  const Buffer plain = some_bytes(10000);
  Buffer wire = one.from_peer(23, Bytes(plain).first(6000));
  const Buffer second = one.from_peer(23, Bytes(plain).subspan(6000));
  wire.insert(wire.end(), second.begin(), second.end());
  const MutableBytes space = one.stream.room();
  std::size_t size = 0;  // of what has come: not all of the second record, if anything
  std::size_t room = 0;
  SUBCASE("part of a record") {
    size = 3000, room = 10000;
  }
  SUBCASE("a record and part of the next") {
    size = 7000, room = 10000;
  }
  SUBCASE("part of a record behind one that is read in pieces") {
    size = 7000, room = 2500;
  }
  SUBCASE("a record, read in pieces") {
    size = 6000 + tls::overhead, room = 2500;
  }
  SUBCASE("all") {
    size = wire.size(), room = 2500;
  }
  std::copy_n(wire.begin(), size, space.begin());
  one.stream.received(size);
  Buffer read;
  Buffer into(room);
  const auto read_some = [&] {
    const std::size_t got = one.stream.read(into);
    read.insert(read.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(got));
    return got > 0;
  };
  (void)read_some();
  one.stream.park_received();
  const MutableBytes others = other.stream.room();
  CHECK(others.data() == space.data());
  std::ranges::fill(others, std::uint8_t{0});
  while (read_some()) one.stream.park_received();
  if (size < wire.size()) {
    one.stream.park_received();
    const MutableBytes rest = one.stream.room();
    REQUIRE(rest.size() >= wire.size() - size);
    std::copy(wire.begin() + static_cast<std::ptrdiff_t>(size), wire.end(), rest.begin());
    one.stream.received(wire.size() - size);
    while (read_some()) {
    }
  }
  CHECK(read == plain);
}

TEST_CASE("Record stream: who waits holds little, but what is there stays where it is") {
  Scene scene;
  const Buffer content = some_bytes(5000);
  const Buffer record = scene.from_peer(23, content);
  const MutableBytes first = scene.stream.waiting_room();
  CHECK(first.size() < 4096);
  std::copy_n(record.begin(), first.size(), first.begin());
  scene.stream.received(first.size());
  CHECK_FALSE(scene.stream.drained());  // it was full: there may be more
  Buffer into(content.size());
  REQUIRE(scene.stream.read(into) == 0);
  const MutableBytes second = scene.stream.waiting_room();
  REQUIRE(second.size() == ThreadSpace::size - first.size());
  std::copy(record.begin() + static_cast<std::ptrdiff_t>(first.size()), record.end(),
            second.begin());
  scene.stream.received(record.size() - first.size());
  CHECK(scene.stream.drained());
  REQUIRE(scene.stream.read(into) == content.size());
  CHECK(into == content);
}

TEST_CASE("Record stream: a little that came while one waited is read where it is, and is quiet") {
  Scene scene;
  const Buffer content = some_bytes(300);
  Buffer into(content.size());
  for (int number = 0; number < 3; ++number) {
    CAPTURE(number);
    const Buffer record = scene.from_peer(23, content);
    const MutableBytes waiting = scene.stream.waiting_room();
    CHECK(waiting.size() == 2048);
    std::ranges::copy(record, waiting.begin());
    scene.stream.received(record.size());
    CHECK(scene.stream.quiet());
    REQUIRE(scene.stream.read(into) == content.size());
    CHECK(into == content);
    CHECK(scene.stream.read(into) == 0);
    CHECK(scene.stream.quiet());
  }
  // In pieces for which there is no room where it is wanted.
  std::ranges::copy(scene.from_peer(23, content), scene.stream.waiting_room().begin());
  scene.stream.received(content.size() + tls::overhead);
  Buffer read;
  while (const std::size_t size = scene.stream.read(MutableBytes(into).first(70))) {
    read.insert(read.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
    scene.stream.park_received();
  }
  CHECK(read == content);
}

TEST_CASE("Record stream: who sends many records without data does not keep it for himself") {
  Scene scene;
  const Buffer content = some_bytes(100);
  Buffer wire;
  for (int number = 0; number < 1000; ++number) {
    const Buffer record = scene.from_peer(22, Buffer{24, 0, 0, 1, 0});
    wire.insert(wire.end(), record.begin(), record.end());
    REQUIRE(scene.sending.update());
  }
  const Buffer last = scene.from_peer(23, content);
  wire.insert(wire.end(), last.begin(), last.end());
  std::ranges::copy(wire, scene.stream.room().begin());
  scene.stream.received(wire.size());
  Buffer into(content.size());
  for (unsigned pause = 0; pause < 1000 / tls::RecordStream::max_in_vain; ++pause) {
    REQUIRE(scene.stream.read(into) == 0);
    REQUIRE(scene.stream.busy());
    scene.stream.park_received();
  }
  CHECK(scene.stream.read(into) == content.size());
  CHECK_FALSE(scene.stream.busy());
  CHECK(into == content);
  CHECK(scene.stream.read(into) == 0);
  CHECK_FALSE(scene.stream.busy());
}

TEST_CASE("Record stream: what is cut off while one waited goes on in the larger room") {
  Scene scene;
  const Buffer content = some_bytes(300);
  Buffer wire = scene.from_peer(23, content);
  const Buffer second = scene.from_peer(23, content);
  wire.insert(wire.end(), second.begin(), second.end());
  for (const std::size_t first_part : {std::size_t{3}, std::size_t{100}, second.size() + 7}) {
    CAPTURE(first_part);
    Scene fresh;
    std::copy_n(wire.begin(), first_part, fresh.stream.waiting_room().begin());
    fresh.stream.received(first_part);
    CHECK(fresh.stream.quiet());
    Buffer read;
    Buffer into(content.size());
    const auto read_all = [&] {
      while (const std::size_t size = fresh.stream.read(into)) {
        read.insert(read.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
      }
    };
    read_all();
    fresh.stream.park_received();  // it lies where it may stay
    const MutableBytes rest = fresh.stream.waiting_room();
    REQUIRE(rest.size() > 2048);
    std::copy(wire.begin() + static_cast<std::ptrdiff_t>(first_part), wire.end(), rest.begin());
    fresh.stream.received(wire.size() - first_part);
    CHECK_FALSE(fresh.stream.quiet());
    CHECK(fresh.stream.drained());
    read_all();
    REQUIRE(read.size() == 2 * content.size());
    CHECK(std::equal(content.begin(), content.end(), read.begin()));
    CHECK(std::equal(content.begin(), content.end(), read.begin() + 300));
  }
}

}  // namespace sluice::test

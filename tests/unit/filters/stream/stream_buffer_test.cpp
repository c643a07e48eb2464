#include "filters/stream/stream_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace sluice::test {
namespace {

using filters::StreamBuffer;

/// Receives as many bytes as there is room for, each of `value`. Returns how many.
std::size_t fill(StreamBuffer& buffer, std::uint8_t value) {
  const MutableBytes room = buffer.take();
  std::ranges::fill(room, value);
  buffer.received(room.size());
  return room.size();
}

/// Makes room for `wanted` pending bytes and receives until they are there.
void fill_up_to(StreamBuffer& buffer, std::size_t wanted, std::uint8_t value) {
  while (buffer.pending().size() < wanted) {
    REQUIRE(buffer.make_room(wanted));
    REQUIRE(fill(buffer, value) > 0);
  }
}

bool all_are(Bytes bytes, std::uint8_t value) {
  return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

}  // namespace

TEST_CASE("Stream buffer: the room of the thread is another one's as soon as nothing is pending") {
  StreamBuffer one(StreamBuffer::Room::of_thread);
  StreamBuffer other(StreamBuffer::Room::of_thread);
  const MutableBytes room = one.take();
  CHECK(room.size() == ThreadSpace::content_size);
  CHECK(one.take().data() == room.data());
  one.received(10);
  one.give_back();  // they are pending
  CHECK(one.free_space().data() == room.data() + 10);
  CHECK(other.take().data() != room.data());
  other.give_back();
  const MutableBytes others = other.take();
  one.release(10);
  one.give_back();
  CHECK(one.free_space().empty());
  CHECK(one.pending().empty());
  StreamBuffer third(StreamBuffer::Room::of_thread);
  CHECK(third.take().data() == room.data());
  CHECK(one.take().data() != room.data());
  CHECK(one.take().data() != others.data());
}

TEST_CASE("Stream buffer: while it is parked it holds what is pending, and nothing else") {
  StreamBuffer one(StreamBuffer::Room::of_thread);
  const MutableBytes room = one.take();
  const std::size_t usual = fill(one, 1);
  one.release(usual - 100);
  std::ranges::fill(one.pending(), std::uint8_t{2});
  CHECK(one.park().size() == 100);
  CHECK(one.free_space().empty());
  StreamBuffer other(StreamBuffer::Room::of_thread);
  CHECK(other.take().data() == room.data());
  (void)fill(other, 3);
  CHECK(all_are(one.pending(), 2));

  one.release(10);
  SUBCASE("there is room again when something comes") {
    CHECK(one.take().size() == usual - 100);
  }
  SUBCASE("there is room again when room is made") {
    REQUIRE(one.make_room(0));
    CHECK(one.free_space().size() == usual - 100);
  }
  SUBCASE("it is parked again") {
    CHECK(one.park().size() == 90);
    CHECK(one.take().size() == usual - 90);
  }
  CHECK(one.pending().size() == 90);
  CHECK(all_are(one.pending(), 2));
  CHECK(all_are(other.pending(), 3));

  one.release(90);
  CHECK(one.park().empty());
  CHECK(one.free_space().empty());
  CHECK(one.take().size() == usual);
}

TEST_CASE("Stream buffer: what is pending in its own room is parked where it lies") {
  for (const auto kind : {StreamBuffer::Room::own, StreamBuffer::Room::of_thread}) {
    StreamBuffer buffer(kind);
    fill_up_to(buffer, 2 * StreamBuffer::usual_size, 1);
    const auto pending = buffer.pending();
    CHECK(buffer.park().data() == pending.data());
    CHECK(buffer.park().size() == pending.size());
  }
}

TEST_CASE("Stream buffer: its own room stays where it is") {
  StreamBuffer buffer;
  const MutableBytes room = buffer.take();
  CHECK(room.size() == StreamBuffer::usual_size);
  buffer.give_back();
  CHECK(buffer.free_space().data() == room.data());
  CHECK(buffer.take().data() == room.data());
}

TEST_CASE("Stream buffer: what is pending is moved to the front, or to where there is more room") {
  for (const auto kind : {StreamBuffer::Room::own, StreamBuffer::Room::of_thread}) {
    StreamBuffer buffer(kind);
    const MutableBytes room = buffer.take();
    const std::size_t usual = fill(buffer, 1);
    buffer.release(usual - 100);
    REQUIRE(buffer.make_room(0));
    CHECK(buffer.pending().data() == room.data());
    CHECK(buffer.pending().size() == 100);
    CHECK(all_are(buffer.pending(), 1));

    fill_up_to(buffer, 2 * usual, 1);
    CHECK(buffer.pending().data() != room.data());
    CHECK(all_are(buffer.pending(), 1));
    // What the thread has again is not what is pending here.
    StreamBuffer other(StreamBuffer::Room::of_thread);
    (void)fill(other, 2);
    CHECK(all_are(buffer.pending(), 1));
    // When that has gone it is as before.
    buffer.release(buffer.pending().size());
    buffer.give_back();
    REQUIRE(buffer.make_room(0));
    CHECK(buffer.take().size() == usual);
  }
}

TEST_CASE("Stream buffer: it grows to what the filter may hold, or wants, and no further") {
  for (const auto kind : {StreamBuffer::Room::own, StreamBuffer::Room::of_thread}) {
    StreamBuffer buffer(kind);
    while (buffer.make_room(0)) REQUIRE(fill(buffer, 1) > 0);
    CHECK(buffer.pending().size() == StreamBuffer::max_size);
    CHECK_FALSE(buffer.make_room(filters::EventJudge::max_held));
    CHECK(buffer.make_room(StreamBuffer::max_size));
    CHECK(buffer.free_space().size() == StreamBuffer::usual_size);
  }
}

}  // namespace sluice::test

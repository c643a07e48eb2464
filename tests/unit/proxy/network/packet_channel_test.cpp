#include "proxy/network/packet_channel.hpp"

#include <doctest/doctest.h>

#include "unit/proxy/network/connection_ends.hpp"

namespace sluice::test {
namespace {

using proxy::PacketChannel;
using proxy::Task;

constexpr std::size_t limit = 1024;

/// Two commands, each with the number 0, sent at once.
Task<void> send_two(proxy::Connection& connection) {
  const Buffer packets{2, 0, 0, 0, 'a', 'b', 3, 0, 0, 0, 'c', 'd', 'e'};
  const bool written = co_await connection.write(packets);
  CHECK(written);
}

Task<std::string> next(PacketChannel& channel) {
  channel.begin_command();
  const auto payload = co_await channel.read();
  co_return payload ? std::string(payload->begin(), payload->end()) : "none";
}

}  // namespace

TEST_CASE("a channel reads one packet and not a byte more") {
  Ends ends;
  PacketChannel channel(ends.server, limit);
  std::string first;
  std::size_t rest = 0;
  Buffer room(limit);
  ends.run([&] { return send_two(*ends.client); },
           [&]() -> Task<void> {
             first = co_await next(channel);
             rest = co_await ends.server->read_some(room);
           });
  CHECK(first == "ab");
  CHECK(rest == 7);
}

TEST_CASE("a channel that reads ahead has the next packet without asking the connection") {
  Ends ends;
  SUBCASE("without TLS") {}
  SUBCASE("with TLS") {
    ends.start_tls();
  }
  PacketChannel channel(ends.server, limit);
  channel.read_ahead(limit);
  std::string first, second, third;
  ends.run([&] { return send_two(*ends.client); },
           [&]() -> Task<void> {
             first = co_await next(channel);
             ends.server->close("the end");
             second = co_await next(channel);
             third = co_await next(channel);
           });
  CHECK(first == "ab");
  CHECK(second == "cde");
  CHECK(third == "none");
}

TEST_CASE("a packet that comes in pieces is one, read ahead or not") {
  Ends ends;
  PacketChannel channel(ends.server, limit);
  SUBCASE("one at a time") {}
  SUBCASE("read ahead") {
    channel.read_ahead(5);
  }
  std::string first, second;
  ends.run([&] { return send_two(*ends.client); },
           [&]() -> Task<void> {
             first = co_await next(channel);
             second = co_await next(channel);
           });
  CHECK(first == "ab");
  CHECK(second == "cde");
}

TEST_CASE("within the compressed protocol nothing is read ahead") {
  const wire::CompressionSetting zlib{wire::Compression::zlib, 6};
  Ends ends;
  PacketChannel theirs(ends.client, limit), ours(ends.server, limit);
  theirs.start_compression(zlib, limit);
  ours.start_compression(zlib, limit);
  ours.read_ahead(limit);
  std::string first;
  std::size_t rest = 0;
  Buffer room(limit);
  theirs.begin_command();
  ends.run(
      [&]() -> Task<void> {
        co_await send_two(*ends.client);
        ends.client->close("the end");
      },
      [&]() -> Task<void> {
        first = co_await next(ours);
        rest = co_await ends.server->read_some(room);
      });
  CHECK(first == "ab");
  CHECK(rest == 7);
}

TEST_CASE("a large packet that is there lets others of the thread go on") {
  const wire::CompressionSetting zlib{wire::Compression::zlib, 6};
  constexpr std::size_t size = (16 << 20) - 2;
  Ends ends;
  PacketChannel theirs(ends.client, size), ours(ends.server, size);
  theirs.start_compression(zlib, wire::max_compressed_piece);
  ours.start_compression(zlib, wire::max_compressed_piece);
  theirs.begin_command();
  Buffer packet(4 + size);  // zeros take next to nothing on the wire
  store_le(packet.data(), size, 3);
  bool written = false;
  ends.run([&]() -> Task<void> { written = co_await ends.client->write(packet); });
  REQUIRE(written);
  std::size_t read = 0;
  const std::size_t turns =
      ends.turns_beside(read, [&]() -> Task<void> { read = (co_await next(ours)).size(); });
  CHECK(read == size);
  CHECK(turns >= 16);  // pieces of 16 KiB, 64 at a time
}

}  // namespace sluice::test

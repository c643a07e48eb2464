#include "proxy/packet_channel.hpp"

#include <doctest/doctest.h>

#include "unit/proxy/connection_ends.hpp"

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

}  // namespace sluice::test

#include "proxy/connection.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>

#include "connection_ends.hpp"

namespace sluice::test {
namespace {

namespace asio = boost::asio;
using proxy::Connection;
using proxy::Task;

/// So much is there at once, as a socket's buffers have room for it.
constexpr std::size_t much = std::size_t{32} << 10;

Task<void> send(Connection& connection, const Buffer& bytes) {
  const bool written = co_await connection.write(bytes);
  CHECK(written);
}

constexpr std::size_t piece_size = 1000;

/// Reads `size` bytes in small pieces, as a relay does that always has something to read.
Task<void> receive(Connection& connection, std::size_t size, bool& done) {
  Buffer piece(piece_size);
  for (std::size_t received = 0; received < size;) {
    const std::size_t got = co_await connection.read_some(piece);
    REQUIRE(got > 0);
    received += got;
    co_await connection.yield();
  }
  done = true;
}

}  // namespace

TEST_CASE("a connection that always has something to read lets the thread's others go on") {
  Ends ends;
  SUBCASE("without TLS") {}
  SUBCASE("with TLS") {
    ends.start_tls();
  }
  const Buffer bytes(much, 'x');
  ends.run([&] { return send(*ends.client, bytes); });
  bool done = false;
  std::size_t turns = 0;
  ends.run([&] { return receive(*ends.server, much, done); },
           [&]() -> Task<void> {
             for (; !done; ++turns) co_await asio::post(asio::use_awaitable);
           });
  CHECK(done);
  CHECK(turns >= much / piece_size);
}

TEST_CASE("what one end of a connection writes the other reads, and then its end") {
  Ends ends;
  SUBCASE("without TLS") {}
  SUBCASE("with TLS") {
    ends.start_tls();
  }
  ends.run([&]() -> Task<void> {
    const Buffer question{1, 2, 3};
    const bool written = co_await ends.client->write(question);
    CHECK(written);
    ends.client->close("done");
  });
  Buffer answer(8);
  std::size_t first = 0;
  std::size_t second = 1;
  ends.run([&]() -> Task<void> {
    first = co_await ends.server->read_some(answer);
    second = co_await ends.server->read_some(answer);
  });
  CHECK(first == 3);
  CHECK(answer[2] == 3);
  CHECK(second == 0);
  CHECK(ends.server->closed_by_peer());
  CHECK(ends.server->error() == "closed by the peer");
  CHECK(ends.client->error() == "done");
}

TEST_CASE("a deadline ends whatever waits, and says what for") {
  Ends ends;
  SUBCASE("without TLS") {}
  SUBCASE("with TLS") {
    ends.start_tls();
  }
  std::size_t size = 1;
  ends.run([&]() -> Task<void> {
    Buffer room(8);
    ends.server->set_deadline(std::chrono::milliseconds(10), "reading");
    size = co_await ends.server->read_some(room);
  });
  CHECK(size == 0);
  CHECK(ends.server->error() == "timed out after 0.01 s while reading");
  CHECK_FALSE(ends.server->closed_by_peer());
}

}  // namespace sluice::test

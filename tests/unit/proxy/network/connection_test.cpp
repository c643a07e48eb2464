#include "proxy/network/connection.hpp"

#include <doctest/doctest.h>
#include <netinet/tcp.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "filters/stream/stream_buffer.hpp"
#include "unit/proxy/network/connection_ends.hpp"

namespace sluice::test {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
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
    if (!connection.has_waited()) co_await asio::post(proxy::use_task);
  }
  done = true;
}

/// Fills `into`, or as much of it as comes.
Task<void> receive(Connection& connection, MutableBytes into, std::size_t& size) {
  connection.set_deadline(std::chrono::seconds(60), "reading");  // should bytes be missing
  std::size_t got = 1;
  while (got > 0 && size < into.size()) {
    got = co_await connection.read_some(into.subspan(size));
    size += got;
  }
  connection.clear_deadline();
}

/// The client writes `rest`; what the server reads then is so many pieces, and what is behind them.
void check_received(Ends& ends, Bytes piece, std::size_t pieces, Bytes rest, Bytes behind) {
  Buffer received(piece.size() * pieces + behind.size());
  std::size_t size = 0;
  ends.run(
      [&]() -> Task<void> {
        const bool all = co_await ends.client->write(rest);
        CHECK(all);
      },
      [&] { return receive(*ends.server, received, size); });
  CHECK(size == received.size());
  for (std::size_t i = 0; i < pieces; ++i) {
    CHECK(std::ranges::equal(Bytes(received).subspan(i * piece.size(), piece.size()), piece));
  }
  CHECK(std::ranges::equal(Bytes(received).last(behind.size()), behind));
}

/// What cannot be compressed.
Buffer noise(std::size_t size) {
  Buffer bytes(size);
  std::uint32_t state = 1;
  for (auto& byte : bytes)
    byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  return bytes;
}

void compress(Ends& ends) {
  for (const auto& end : {ends.client, ends.server}) {
    end->start_compression({wire::Compression::zlib, 6}, wire::max_compressed_piece);
  }
}

/// Runs what follows it in a test once for each.
void in_each_way(Ends& ends) {
  SUBCASE("without TLS") {}
  SUBCASE("with TLS") {
    ends.start_tls();
  }
  SUBCASE("with TLS that streams") {
    ends.start_streaming();
  }
}

}  // namespace

TEST_CASE("a connection that always has something to read lets the thread's others go on") {
  Ends ends;
  in_each_way(ends);
  const Buffer bytes(much, 'x');
  ends.run([&] { return send(*ends.client, bytes); });
  bool done = false;
  std::size_t turns = 0;
  ends.run([&] { return receive(*ends.server, much, done); },
           [&]() -> Task<void> {
             while (!done) {
               ++turns;
               co_await asio::post(proxy::use_task);
             }
           });
  CHECK(done);
  CHECK(turns >= much / piece_size);
}

TEST_CASE("a peer that sends records without data does not keep the thread from its others") {
  Ends ends;
  ends.start_tls();
  ends.server->start_streaming();
  error_code ignored;
  ends.server->socket().set_option(asio::socket_base::receive_buffer_size(1 << 20), ignored);
  ends.client->socket().set_option(asio::socket_base::send_buffer_size(1 << 20), ignored);
  SSL* const client = ends.client->tls();
  constexpr std::size_t record_size = 5 + 5 + 17;  // header, message, content type and tag
  constexpr std::size_t count = 4 * ThreadSpace::size / record_size;
  for (std::size_t i = 0; i < count; ++i) {
    REQUIRE(SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(client) == 1);
  }
  REQUIRE(SSL_write(client, "x", 1) == 1);
  std::size_t size = 0;
  const std::size_t turns = ends.turns_beside(size, [&]() -> Task<void> {
    Buffer room(100);
    size = co_await ends.server->read_some(room);
  });
  CHECK(size == 1);
  CHECK(ends.server->error().empty());
  CHECK(turns > 0);
}

TEST_CASE("a peer whose compressed bytes hold nothing does not keep the thread from its others") {
  Ends ends;
  error_code ignored;
  ends.server->socket().set_option(asio::socket_base::receive_buffer_size(1 << 20), ignored);
  ends.client->socket().set_option(asio::socket_base::send_buffer_size(1 << 20), ignored);
  // One packet of zlib: empty blocks, then one with a letter.
  Buffer packet = {0, 0, 0, 0, 1, 0, 0, 0x78, 0x9C};
  for (int i = 0; i < 100'000; ++i) packet.insert(packet.end(), {0, 0, 0, 0xFF, 0xFF});
  packet.insert(packet.end(), {1, 1, 0, 0xFE, 0xFF, 'x', 0, 0x79, 0, 0x79});
  store_le(packet.data(), packet.size() - 7, 3);
  ends.server->start_compression({wire::Compression::zlib, 6}, wire::max_compressed_piece);
  bool written = false;
  ends.run([&]() -> Task<void> { written = co_await ends.client->write(packet); });
  REQUIRE(written);
  std::size_t size = 0;
  const std::size_t turns = ends.turns_beside(size, [&]() -> Task<void> {
    Buffer room(100);
    size = co_await ends.server->read_some(room);
  });
  CHECK(size == 1);
  CHECK(ends.server->error() == "");
  CHECK(turns > 3);
}

TEST_CASE("who does not stream yet changes keys now and then, but not for ever, also among data") {
  Ends ends;
  ends.start_tls();
  SSL* const client = ends.client->tls();
  const auto change_keys = [&](unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
      REQUIRE(SSL_key_update(client, SSL_KEY_UPDATE_REQUESTED) == 1);
      REQUIRE(SSL_do_handshake(client) == 1);
    }
    REQUIRE(SSL_write(client, "x", 1) == 1);
  };
  Buffer room(100);
  std::size_t size = 0;
  const auto read = [&]() -> Task<void> { size = co_await ends.server->read_some(room); };
  for (int i = 0; i < 2; ++i) {
    change_keys(proxy::TlsTraffic::max_key_updates / 2);
    ends.run(read);
    CHECK(size == 1);
  }
  change_keys(1);
  ends.run(read);
  CHECK(size == 0);
  CHECK(ends.server->error() == "TLS read failed: too many key updates come");
}

TEST_CASE("a stream that OpenSSL goes on with lets others go first among key updates") {
  Ends ends;
  ends.start_tls();
  error_code ignored;
  // All of it is there at once, or the reader would wait for it.
  ends.client->socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  SSL* const client = ends.client->tls();
  const auto change_key = [&] {
    REQUIRE(SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(client) == 1);
  };
  Buffer room(100);
  std::size_t size = 0;
  const auto read = [&]() -> Task<void> { size = co_await ends.server->read_some(room); };
  change_key();  // so that it is not taken over
  REQUIRE(SSL_write(client, "x", 1) == 1);
  ends.run(read);
  REQUIRE(size == 1);
  ends.server->start_streaming();
  REQUIRE(ends.server->tls() != nullptr);
  constexpr unsigned times = 8;
  for (unsigned i = 0; i < times * (proxy::TlsTraffic::max_key_updates + 1); ++i) change_key();
  REQUIRE(SSL_write(client, "xyz", 3) == 3);
  size = 0;
  std::size_t turns = 0;
  ends.run(read, [&]() -> Task<void> {
    while (size == 0 && ends.server->error().empty()) {
      ++turns;
      co_await asio::post(proxy::use_task);
    }
  });
  CHECK(size == 3);
  CHECK(ends.server->error().empty());
  CHECK(turns >= times);
}

TEST_CASE("who asks for a renegotiation is refused, before and within a stream") {
  for (const bool streaming : {false, true}) {
    CAPTURE(streaming);
    Ends ends;
    ends.start_tls(TLS1_2_VERSION);
    if (streaming) ends.server->start_streaming();
    SSL_set_options(ends.server->tls(), SSL_OP_NO_RENEGOTIATION);
    SSL* const client = ends.client->tls();
    REQUIRE(SSL_renegotiate(client) == 1);
    CHECK(SSL_do_handshake(client) == -1);  // it waits for the answer
    Buffer room(100);
    std::size_t size = 1;
    ends.run([&]() -> Task<void> { size = co_await ends.server->read_some(room); });
    CHECK(size == 0);
    CHECK(ends.server->error() == "TLS read failed: the peer asks for a renegotiation");
  }
}

TEST_CASE("a damaged record behind a good one is told as what it is") {
  Ends ends;
  ends.client->tune({});  // both are to come at once
  ends.start_tls(TLS1_2_VERSION);
  SUBCASE("within a stream") {
    ends.server->start_streaming();
  }
  SUBCASE("before one") {}
  REQUIRE(SSL_write(ends.client->tls(), "abc", 3) == 3);
  Buffer damaged{0x17, 3, 3, 0, 32};
  damaged.resize(5 + 32);
  boost::asio::write(ends.client->socket(), boost::asio::buffer(damaged));
  Buffer room(100);
  std::size_t first = 0;
  std::size_t second = 1;
  bool ended = true;
  ends.run([&]() -> Task<void> {
    first = co_await ends.server->read_some(room);
    ended = ends.server->has_ended();
    second = co_await ends.server->read_some(room);
  });
  CHECK(first == 3);
  CHECK_FALSE(ended);  // what was read may be answered
  CHECK(second == 0);
  CHECK(ends.server->error() == "TLS read failed: decryption failed or bad record mac");
}

TEST_CASE("what one end of a connection writes the other reads, and then its end") {
  Ends ends;
  in_each_way(ends);
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
  CHECK(ends.server->error() == "closed by the peer");
  CHECK(ends.client->error() == "done");
}

TEST_CASE("who has ended sending can still be sent something") {
  Ends ends;
  in_each_way(ends);
  const Buffer last = noise(much);
  const Buffer answer{1, 2, 3};
  ends.run([&]() -> Task<void> {
    const bool written = co_await ends.client->write(last);
    CHECK(written);
    ends.client->end_sending();
    const bool again = co_await ends.client->write(answer);
    CHECK_FALSE(again);
  });
  CHECK_FALSE(ends.client->has_ended());
  Buffer room(last.size() + 1);
  std::size_t size = 0;
  ends.run([&] { return receive(*ends.server, room, size); });
  CHECK(size == last.size());
  CHECK(ends.server->error() == "closed by the peer");
}

TEST_CASE(
    "what one end acknowledges behind the other's last word arrives, and takes nothing away") {
  Ends ends;
  in_each_way(ends);
  const Buffer last = noise(much);
  const Buffer acknowledgement{1, 2, 3};
  Buffer heard(8);
  std::size_t heard_size = 0;
  Buffer room(last.size());
  std::size_t size = 0;
  ends.run(
      [&]() -> Task<void> {
        const bool written = co_await ends.client->write(last);
        CHECK(written);
        ends.client->end_sending();
        heard_size = co_await ends.client->read_some(heard);
        const std::size_t nothing = co_await ends.client->read_some(heard);
        CHECK(nothing == 0);
      },
      [&]() -> Task<void> {
        const bool written = co_await ends.server->write(acknowledgement);
        CHECK(written);
        co_await receive(*ends.server, room, size);
        ends.server->close("done");
      });
  CHECK(heard_size == acknowledgement.size());
  CHECK(size == last.size());
  CHECK(ends.client->error() == "closed by the peer");
}

TEST_CASE("what a peer sent before it went is read, though nothing can be written to it any more") {
  Ends ends;
  in_each_way(ends);
  SUBCASE("with TLS 1.2") {
    ends.start_tls(TLS1_2_VERSION);
  }
  const Buffer sent = noise(much);
  const Buffer acknowledgement{1, 2, 3};
  ends.run([&] { return send(*ends.server, sent); },
           [&] { return send(*ends.client, acknowledgement); });
  ends.server->close("gone");  // with something unread: a reset
  Bytes rest = acknowledgement;
  while (ends.client->write_now(rest)) rest = acknowledgement;
  CHECK_FALSE(ends.client->error().empty());
  CHECK_FALSE(ends.client->has_ended());
  Buffer room(sent.size());
  std::size_t size = 0;
  ends.run([&] { return receive(*ends.client, room, size); });
  CHECK(size == sent.size());
  CHECK(room == sent);
}

TEST_CASE("what does not go at once is written when the other end reads, and nothing twice") {
  Ends ends;
  in_each_way(ends);
  SUBCASE("compressed, with TLS that streams") {
    ends.start_streaming();
    compress(ends);
  }
  const Buffer piece = noise(100003);
  std::size_t pieces = 0;
  Bytes rest;
  bool written = true;
  while (written) {  // until the sockets are full
    rest = piece;
    written = ends.client->write_now(rest);
    ++pieces;
  }
  CHECK(ends.client->error().empty());
  check_received(ends, piece, pieces, rest, {});
}

TEST_CASE("what is packed but has not gone need not be kept, and goes with the next write") {
  Ends ends;
  std::size_t packed_at_once = 0;
  SUBCASE("with TLS that streams") {
    ends.start_streaming();
    packed_at_once = ThreadSpace::content_size;
  }
  SUBCASE("compressed") {
    compress(ends);
    packed_at_once = wire::PacketCompressor::max_piece;
  }
  SUBCASE("compressed, with TLS that streams") {
    ends.start_streaming();
    compress(ends);
    packed_at_once = wire::PacketCompressor::max_piece;
  }
  const Buffer pattern = noise(packed_at_once);
  Buffer piece;
  std::size_t pieces = 0;
  bool written = true;
  while (written) {  // until the sockets are full
    piece = pattern;
    Bytes rest = piece;
    written = ends.client->write_now(rest);
    CHECK(rest.empty());
    ++pieces;
  }
  std::ranges::fill(piece, std::uint8_t{0});
  const Buffer last{1, 2, 3};
  check_received(ends, pattern, pieces, last, last);
}

TEST_CASE("what was packed goes even if nothing follows, and an error of it is told") {
  Ends ends;
  ends.start_streaming();
  const Buffer piece = noise(tls::max_content);
  Bytes rest = piece;
  while (ends.client->write_now(rest)) rest = piece;
  REQUIRE(rest.empty());
  bool closed = false;
  SUBCASE("the other end reads") {}
  SUBCASE("the other end has closed") {
    ends.server->close("done");
    closed = true;
  }
  bool all = closed;
  ends.run([&]() -> Task<void> { all = co_await ends.client->write(rest); },
           [&]() -> Task<void> {
             Buffer room(tls::max_content);
             std::size_t got = closed ? 0 : 1;
             while (got > 0 && !all) got = co_await ends.server->read_some(room);
           });
  CHECK(all == !closed);
}

TEST_CASE(
    "what is written at once to a connection that was closed does not go, and write() says so") {
  Ends ends;
  ends.client->close("done");
  const Buffer bytes{1, 2, 3};
  Bytes rest = bytes;
  CHECK_FALSE(ends.client->write_now(rest));
  CHECK(rest.size() == bytes.size());
  ends.run([&]() -> Task<void> {
    const bool written = co_await ends.client->write(rest);
    CHECK_FALSE(written);
  });
}

TEST_CASE("a connection is tuned as [relay.keepalive] says") {
  Ends ends;
  const auto option = [&](int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    REQUIRE(getsockopt(ends.server->socket().native_handle(), level, name, &value, &size) == 0);
    return value;
  };
  SUBCASE("with keepalive") {
    ends.server->tune({std::chrono::seconds(7), std::chrono::seconds(3), 2});
    CHECK(option(SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(IPPROTO_TCP, TCP_KEEPIDLE) == 7);
    CHECK(option(IPPROTO_TCP, TCP_KEEPINTVL) == 3);
    CHECK(option(IPPROTO_TCP, TCP_KEEPCNT) == 2);
  }
  SUBCASE("without") {
    ends.server->tune({std::chrono::seconds(0), std::chrono::seconds(3), 2});
    CHECK(option(SOL_SOCKET, SO_KEEPALIVE) == 0);
  }
  CHECK(option(IPPROTO_TCP, TCP_NODELAY) == 1);
}

TEST_CASE("a deadline ends whatever waits, and says what for") {
  Ends ends;
  in_each_way(ends);
  std::size_t size = 1;
  ends.run([&]() -> Task<void> {
    Buffer room(8);
    ends.server->set_deadline(std::chrono::milliseconds(10), "reading");
    size = co_await ends.server->read_some(room);
  });
  CHECK(size == 0);
  CHECK(ends.server->error() == "timed out after 0.01 s while reading");
}

TEST_CASE("what was done in time is not too late because the thread was busy since") {
  Ends ends;
  ends.run([&]() -> Task<void> {
    ends.client->set_deadline(std::chrono::milliseconds(1), "being tested");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // The deadline is noticed here, and what comes of it is behind this in the queue.
    co_await asio::post(proxy::use_task);
    ends.client->clear_deadline();
  });
  CHECK(ends.client->error() == "");
}

TEST_CASE("a stream goes on where OpenSSL was, whichever end it is, and stays what it was") {
  Ends ends;
  ends.start_tls();
  const std::string description = ends.server->tls_description();
  CHECK(description.starts_with("TLSv1.3 TLS_"));
  const Buffer login(100, 'l');
  ends.run([&] { return send(*ends.client, login); }, [&] { return send(*ends.server, login); });
  // One end has not read yet what was written to it.
  bool done = false;
  ends.run([&] { return receive(*ends.client, login.size(), done); });
  REQUIRE(done);
  SUBCASE("one end streams") {
    ends.client->start_streaming();
  }
  SUBCASE("the other one") {
    ends.server->start_streaming();
  }
  SUBCASE("both") {
    ends.client->start_streaming();
    ends.server->start_streaming();
  }
  // More than a socket takes at once, in both directions.
  const Buffer bytes(std::size_t{5} << 20, 's');
  bool down = false;
  bool up = false;
  ends.run([&] { return send(*ends.client, bytes); }, [&] { return send(*ends.server, bytes); },
           [&] { return receive(*ends.client, bytes.size(), down); },
           [&] { return receive(*ends.server, login.size() + bytes.size(), up); });
  CHECK(down);
  CHECK(up);
  CHECK(ends.server->has_tls());
  CHECK(ends.server->tls_description() == description);
}

TEST_CASE("who waits for records has no room for them until they come") {
  Ends ends;
  ends.start_streaming();
  using filters::StreamBuffer;
  StreamBuffer waiting(StreamBuffer::Room::of_thread);
  const auto* const room = waiting.take().data();
  waiting.give_back();
  const Buffer first{1, 2, 3};
  const Buffer second{4, 5};
  Buffer read;
  const auto reader = [&]() -> Task<void> {
    while (read.size() < first.size() + second.size()) {
      const std::size_t size = co_await ends.server->read_some(waiting);
      REQUIRE(size > 0);
      waiting.received(size);
      read.insert(read.end(), waiting.pending().begin(), waiting.pending().end());
      waiting.release(waiting.pending().size());
    }
  };
  ends.run([&] { return send(*ends.client, first); });
  ends.run(reader, [&]() -> Task<void> {
    co_await asio::post(proxy::use_task);
    CHECK(read == first);
    StreamBuffer other(StreamBuffer::Room::of_thread);
    CHECK(other.take().data() == room);
    co_await send(*ends.client, second);
  });
  CHECK(read.size() == first.size() + second.size());
  CHECK(std::ranges::equal(Bytes(read).last(second.size()), second));
}

TEST_CASE("what is no record ends a stream, and is not passed on") {
  Ends ends;
  ends.start_tls();
  ends.server->start_streaming();
  const Buffer record{23, 3, 3, 0x40, 0x12};
  boost::asio::write(ends.client->socket(), boost::asio::buffer(record));
  std::size_t size = 1;
  Buffer into(200);
  ends.run([&]() -> Task<void> { size = co_await ends.server->read_some(into); });
  CHECK(size == 0);
  CHECK(ends.server->error() == "TLS read failed: a record that is too long");
  // The peer is told why.
  ends.server->close("done");
  ends.run([&]() -> Task<void> { size = co_await ends.client->read_some(into); });
  CHECK(size == 0);
  CHECK(ends.client->error().find("alert record overflow") != std::string::npos);
}

}  // namespace sluice::test

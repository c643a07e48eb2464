#include "proxy/tls/tls_socket.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::test {
namespace {

using proxy::TlsSocket;

/// A socket that does not block, its BIO, and the peer's end.
struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    own = ends[0];
    peer = ends[1];
    socket = std::make_unique<TlsSocket>(own);
    bio.reset(socket->make_bio());
    REQUIRE(bio);
  }
  ~Pair() {
    ::close(own);
    if (peer >= 0) ::close(peer);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void send(std::string_view text) const {
    REQUIRE(::send(peer, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
  /// As while the connection waited.
  void receive(std::string_view text) const {
    std::ranges::copy(text, socket->room().begin());
    socket->received(text.size(), {});
  }
  /// "": nothing now.
  [[nodiscard]] std::string read(std::size_t most = 20000) const {
    std::string text(most, '\0');
    const int size = BIO_read(bio.get(), text.data(), static_cast<int>(most));
    if (size > 0) return text.substr(0, static_cast<std::size_t>(size));
    CHECK(BIO_should_retry(bio.get()));
    return {};
  }

  int own = -1, peer = -1;
  std::unique_ptr<TlsSocket> socket;
  std::unique_ptr<BIO, decltype(&BIO_free)> bio{nullptr, &BIO_free};
};

}  // namespace

TEST_CASE("TLS must wait now and then, though there is always more") {
  const Pair pair;
  const std::string much(std::size_t{16} << 10, 'x');
  const auto read_on = [&] {
    std::size_t size = 0;
    while (true) {
      pair.send(much);
      const std::string got = pair.read(much.size());
      if (got.empty()) return size;
      CHECK(got == much);
      size += got.size();
      REQUIRE(size <= TlsSocket::most_at_once);
    }
  };
  CHECK(read_on() == TlsSocket::most_at_once);
  CHECK(pair.read().empty());
  SUBCASE("it has waited") {
    pair.socket->ask_again();
    CHECK(pair.read(much.size()) == much);
  }
  SUBCASE("something came while it waited") {
    pair.receive(std::string(pair.socket->room().size(), 'y'));
    CHECK(pair.read() == std::string(pair.socket->room().size(), 'y'));
    CHECK(pair.read(much.size()) == much);
  }
}

TEST_CASE("TLS reads what came while the connection waited, and then the socket") {
  const Pair pair;
  const std::string full(pair.socket->room().size(), 'x');
  pair.receive(full);
  pair.send("more");
  CHECK(pair.read(100) == full.substr(0, 100));
  CHECK(pair.read() == full.substr(100));
  CHECK(pair.read() == "more");
}

TEST_CASE(
    "a socket that has given less than there was room for is not asked before it is waited for") {
  const Pair pair;
  pair.receive("little");
  pair.send("later");
  CHECK(pair.read() == "little");
  CHECK(pair.read().empty());
  SUBCASE("the one who reads has waited") {
    pair.receive("waited for");
    CHECK(pair.read() == "waited for");
  }
  SUBCASE("somebody else has") {
    pair.socket->ask_again();
    CHECK(pair.read() == "later");
    CHECK(pair.read().empty());
    pair.send("not asked for");
    CHECK(pair.read().empty());
  }
}

TEST_CASE("who sends much at a time is asked until nothing is left") {
  const Pair pair;
  const std::string much(std::size_t{16} << 10, 'y');
  pair.send(much);
  CHECK(pair.read() == much);
  pair.send("the rest");
  CHECK(pair.read() == "the rest");
}

TEST_CASE("TLS that asks for little is given the rest without asking the socket again") {
  const Pair pair;
  pair.send("header and the rest");
  CHECK(pair.read(6) == "header");
  CHECK(pair.socket->unread().size() == 13);
  pair.send("later");
  CHECK(pair.read() == " and the rest");
  CHECK(pair.socket->unread().empty());
}

TEST_CASE("TLS learns of the socket's end as from the socket itself") {
  Pair pair;
  std::array<char, 8> bytes{};
  SUBCASE("while the connection waited") {
    pair.socket->received(0, boost::asio::error::eof);
    CHECK(BIO_read(pair.bio.get(), bytes.data(), 8) == 0);
    CHECK(BIO_eof(pair.bio.get()) == 1);
  }
  SUBCASE("by asking") {
    ::close(std::exchange(pair.peer, -1));
    CHECK(BIO_read(pair.bio.get(), bytes.data(), 8) == 0);
    CHECK(BIO_eof(pair.bio.get()) == 1);
  }
  SUBCASE("and of its error") {
    pair.socket->received(0, boost::asio::error::connection_reset);
    errno = 0;
    CHECK(BIO_read(pair.bio.get(), bytes.data(), 8) < 0);
    CHECK(errno == ECONNRESET);
  }
  CHECK_FALSE(BIO_should_retry(pair.bio.get()));
}

TEST_CASE("TLS writes as much as the socket takes") {
  const Pair pair;
  CHECK(BIO_write(pair.bio.get(), "hello", 5) == 5);
  std::array<char, 8> bytes{};
  CHECK(::recv(pair.peer, bytes.data(), bytes.size(), 0) == 5);
  const std::string much(std::size_t{1} << 20, 'z');
  while (BIO_write(pair.bio.get(), much.data(), static_cast<int>(much.size())) > 0) {
  }
  CHECK(BIO_should_write(pair.bio.get()));
}

}  // namespace sluice::test

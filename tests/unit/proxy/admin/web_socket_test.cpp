#include "proxy/admin/web_socket.hpp"

#include <doctest/doctest.h>

using sluice::proxy::admin::authorization_of;
using sluice::proxy::admin::OpenSockets;

TEST_CASE("a page says the token as a subprotocol") {
  CHECK(authorization_of("sluice, token.61622d2e63") == "Bearer ab-.c");
  CHECK(authorization_of("token.6162,sluice") == "Bearer ab");
  CHECK(authorization_of("token.") == "Bearer ");
  for (const char* nothing : {"", ",", "sluice", "token", "token.6", "token.6x", "tokens.6162",
                              "Token.6162", "token.61 62", " , ,"}) {
    CAPTURE(nothing);
    CHECK(authorization_of(nothing).empty());
  }
}

TEST_CASE("places of WebSockets come back, and all can be ended") {
  OpenSockets sockets;
  int ended = 0;
  std::vector<OpenSockets::Place> places;
  for (std::size_t i = 0; i < OpenSockets::limit; ++i) {
    places.push_back(sockets.take([&](const char* reason) {
      CHECK(std::string_view(reason) == "enough");
      ++ended;
    }));
    REQUIRE(places.back());
  }
  CHECK_FALSE(sockets.take([](const char*) {}));
  CHECK(sockets.size() == OpenSockets::limit);
  sockets.end_all("enough");
  CHECK(ended == static_cast<int>(OpenSockets::limit));
  places.pop_back();
  CHECK(sockets.size() == OpenSockets::limit - 1);
  CHECK(sockets.take([](const char*) {}));
}

#include "protocol/wire/auth_packets.hpp"

#include <doctest/doctest.h>

#include "protocol/wire/greeting.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

TEST_CASE("auth switch request: both ways") {
  const auto bytes = test::hex("fe 6d7973716c00 6162636465666768696a6b6c6d6e6f7071727374 00");
  const auto request = parse_auth_switch_request(bytes);
  REQUIRE(request);
  CHECK(request->plugin == "mysql");
  CHECK(request->data == std::string("abcdefghijklmnopqrst\0", 21));
  CHECK(test::serialized(*request) == bytes);
}

TEST_CASE("auth switch request: a lone 0xFE asks for the passwords of 4.0") {
  const auto request = parse_auth_switch_request(test::hex("fe"));
  REQUIRE(request);
  CHECK(request->plugin == "mysql_old_password");
}

TEST_CASE("auth switch request: malformed") {
  CHECK_FALSE(parse_auth_switch_request({}));
  CHECK_FALSE(parse_auth_switch_request(test::hex("00")));
  CHECK_FALSE(parse_auth_switch_request(test::hex("fe 6d79")));
  const AuthSwitchRequest long_name{std::string(max_greeting_text + 1, 'p'), ""};
  CHECK_FALSE(parse_auth_switch_request(test::serialized(long_name)));
}

TEST_CASE("auth more data: both ways") {
  for (const auto& packet : test::recorded("more_data")) {
    const auto data = parse_auth_more_data(packet.payload());
    REQUIRE(data);
    Buffer out;
    serialize_auth_more_data(*data, out);
    CHECK(test::same(out, packet.payload()));
  }
  CHECK(parse_auth_more_data(test::hex("01"))->empty());
  CHECK_FALSE(parse_auth_more_data({}));
  CHECK_FALSE(parse_auth_more_data(test::hex("02")));
}

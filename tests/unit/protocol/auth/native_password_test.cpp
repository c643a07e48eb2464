#include "protocol/auth/native_password.hpp"

#include <doctest/doctest.h>

#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::auth;

TEST_CASE("native password: recorded logins of replicas") {
  int checked = 0;
  for (const auto& greeting_packet : test::recorded("greeting")) {
    const auto greeting = wire::parse_greeting(greeting_packet.payload());
    if (greeting->auth_plugin != native_password_plugin) continue;
    for (const auto& login_packet : test::recorded("login")) {
      if (login_packet.source != greeting_packet.source) continue;
      CAPTURE(login_packet.source);
      const auto login = wire::parse_login_request(login_packet.payload(), greeting->capabilities);
      if (login->auth_plugin != native_password_plugin) continue;
      CHECK(native_scramble(Secret("replpw"), greeting->nonce) == login->auth_response);
      CHECK(verify_native(login->auth_response, greeting->nonce, native_hash(Secret("replpw"))));
      CHECK_FALSE(verify_native(login->auth_response, greeting->nonce, native_hash(Secret("x"))));
      ++checked;
    }
  }
  CHECK(checked >= 4);
}

TEST_CASE("native password: the stored hash of a real server") {
  const auto hash = parse_native_hash("*FF853E4A086273DE165C756A3A052C103CDFCCE4");
  REQUIRE(hash);
  CHECK(*hash == native_hash(Secret("pw-n")));
  CHECK(parse_native_hash("*ff853e4a086273de165c756a3a052c103cdfcce4") == hash);
  for (const auto* text :
       {"", "*", "FF853E4A086273DE165C756A3A052C103CDFCCE4",
        "*FF853E4A086273DE165C756A3A052C103CDFCCE", "*FF853E4A086273DE165C756A3A052C103CDFCCEG",
        "*FF853E4A086273DE165C756A3A052C103CDFCCE4 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_native_hash(text));
  }
}

TEST_CASE("native password: responses of another length never verify") {
  const std::string nonce = "abcdefghijklmnopqrst";
  const auto hash = native_hash(Secret("pw"));
  const auto response = native_scramble(Secret("pw"), nonce);
  CHECK(verify_native(response, nonce, hash));
  CHECK_FALSE(verify_native("", nonce, hash));
  CHECK_FALSE(verify_native(response.substr(1), nonce, hash));
  CHECK_FALSE(verify_native(response + "x", nonce, hash));
  CHECK_FALSE(verify_native(response, "bbcdefghijklmnopqrst", hash));
  CHECK(native_scramble(Secret(""), nonce).empty());
}

TEST_CASE("native password: the text of a hash") {
  // SELECT PASSWORD('password') of a server
  constexpr std::string_view text = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19";
  CHECK(native_hash_text(native_hash(Secret("password"))) == text);
  CHECK(parse_native_hash(text) == native_hash(Secret("password")));
}

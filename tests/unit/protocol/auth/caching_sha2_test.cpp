#include "protocol/auth/caching_sha2.hpp"

#include <doctest/doctest.h>

#include "protocol/auth/sha256_crypt.hpp"
#include "protocol/hex.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::auth;

namespace {

// authentication_string of a MySQL 9.7 for the password "pw-c": 10000 rounds
constexpr std::string_view stored_hex =
    "24412430304124406F7B6B103B183336090116717E216A5801656F564E374E6F7836744D744B686A354C4478676651"
    "363734506A792E755572366C644D335642536D6D685139";

}  // namespace

TEST_CASE("caching_sha2: recorded login of a 9.7 replica") {
  for (const auto& login_packet : test::recorded("login")) {
    if (login_packet.source != "mysql-9.7-gtid 1") continue;
    for (const auto& greeting_packet : test::recorded("greeting")) {
      if (greeting_packet.source != login_packet.source) continue;
      const auto greeting = wire::parse_greeting(greeting_packet.payload());
      const auto login = wire::parse_login_request(login_packet.payload(), greeting->capabilities);
      const Secret password("replpw");
      CHECK(caching_sha2_scramble(password, greeting->nonce) == login->auth_response);
      CHECK(verify_caching_sha2(login->auth_response, greeting->nonce,
                                caching_sha2_digest(password)));
      CHECK_FALSE(verify_caching_sha2(login->auth_response, greeting->nonce,
                                      caching_sha2_digest(Secret("other"))));
    }
  }
}

TEST_CASE("caching_sha2: blank and odd responses never verify") {
  const std::string nonce = "abcdefghijklmnopqrst";
  const auto digest = caching_sha2_digest(Secret(""));
  CHECK(caching_sha2_scramble(Secret(""), nonce) == std::string(1, '\0'));
  CHECK_FALSE(verify_caching_sha2("", nonce, digest));
  CHECK_FALSE(verify_caching_sha2(std::string(1, '\0'), nonce, digest));
  CHECK_FALSE(verify_caching_sha2(std::string(31, 'x'), nonce, digest));
  CHECK_FALSE(verify_caching_sha2(std::string(33, 'x'), nonce, digest));
}

TEST_CASE("caching_sha2: the stored hash of a real server") {
  const auto hash = parse_caching_sha2_hash(stored_hex);
  REQUIRE(hash);
  CHECK(hash->rounds == 10000);
  CHECK(hash->salt.size() == 20);
  CHECK(verify_caching_sha2(Secret("pw-c"), *hash));
  CHECK_FALSE(verify_caching_sha2(Secret("pw-d"), *hash));
  CHECK_FALSE(verify_caching_sha2(Secret(""), *hash));

  const auto raw = *from_hex(stored_hex);
  CHECK(parse_caching_sha2_hash(raw)->hash == hash->hash);
  CHECK(parse_caching_sha2_hash("0x" + std::string(stored_hex))->salt == hash->salt);
  for (std::size_t size = 0; size < raw.size(); ++size) {
    CHECK_FALSE(parse_caching_sha2_hash(raw.substr(0, size)));
  }
  CHECK_FALSE(parse_caching_sha2_hash(raw + "x"));
  CHECK_FALSE(parse_caching_sha2_hash("$A$000" + raw.substr(6)));
  CHECK_FALSE(parse_caching_sha2_hash("$A$0x5" + raw.substr(6)));
  CHECK_FALSE(parse_caching_sha2_hash("$B" + raw.substr(2)));
  CHECK_FALSE(parse_caching_sha2_hash(std::string(stored_hex).substr(1)));
  CHECK_FALSE(parse_caching_sha2_hash("zz"));
}

TEST_CASE("sha256 crypt: as OpenSSL's passwd and the specification have it") {
  CHECK(sha256_crypt(Secret("Hello world!"), "saltstring", 5000) ==
        "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5");
  CHECK(sha256_crypt(Secret("Hello world!"), "saltstringsaltst", 10000) ==
        "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA");
  CHECK(sha256_crypt(Secret(std::string(70, 'p')), "aaaaaaaaaaaaaaaa", 5000) ==
        "Xgwyl0xtFReKku6gQnxDqzBwmTgLICXe.t61YJVKlK/");
}

TEST_CASE("caching sha2: a hash that is made is read again") {
  const Secret password("pw-c");
  const auto made = caching_sha2_hash(password, "abcdefghij0123456789");
  const std::string text = to_text(made);
  CHECK(text.starts_with("$A$005$abcdefghij0123456789"));
  const auto read = parse_caching_sha2_hash(text);
  REQUIRE(read);
  CHECK(*read == made);
  CHECK(verify_caching_sha2(password, *read));
  CHECK_FALSE(verify_caching_sha2(Secret("pw-d"), *read));
}

TEST_CASE("caching sha2: the text of a server's hash is the server's") {
  const std::string stored = *from_hex(stored_hex);
  CHECK(to_text(*parse_caching_sha2_hash(stored)) == stored);
  CHECK(to_upper_hex(stored) == stored_hex);
}

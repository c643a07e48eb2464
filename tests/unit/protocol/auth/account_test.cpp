#include "protocol/auth/account.hpp"

#include <doctest/doctest.h>

using namespace sluice::auth;

namespace {

const std::string nonce = "abcdefghijklmnopqrst";
constexpr const char* native_of_pw_n = "*FF853E4A086273DE165C756A3A052C103CDFCCE4";
// "pw-c", MySQL 9.7
constexpr const char* sha2_of_pw_c =
    "0x24412430304124406F7B6B103B183336090116717E216A5801656F564E374E6F7836744D744B686A354C44786766"
    "51363734506A792E755572366C644D335642536D6D685139";

}  // namespace

TEST_CASE("verifier: a clear password serves both plugins") {
  const auto verifier = Verifier::from_password(Secret("pw"));
  CHECK(verifier.supports(native_password_plugin));
  CHECK(verifier.supports(caching_sha2_plugin));
  CHECK_FALSE(verifier.supports("sha256_password"));
  CHECK(verifier.check_native(native_scramble(Secret("pw"), nonce), nonce));
  CHECK(verifier.check_fast(caching_sha2_scramble(Secret("pw"), nonce), nonce));
  CHECK(verifier.check_password(Secret("pw")));
  CHECK_FALSE(verifier.check_native(native_scramble(Secret("px"), nonce), nonce));
  CHECK_FALSE(verifier.check_fast(caching_sha2_scramble(Secret("px"), nonce), nonce));
  CHECK_FALSE(verifier.check_password(Secret("px")));
}

TEST_CASE("verifier: an empty password opens nothing") {
  const auto verifier = Verifier::from_password(Secret(""));
  CHECK_FALSE(verifier.check_native("", nonce));
  CHECK_FALSE(verifier.check_fast("", nonce));
  CHECK_FALSE(verifier.check_fast(std::string(1, '\0'), nonce));
  CHECK_FALSE(verifier.check_password(Secret("")));
  // What no client sends for it, but somebody may compute.
  const auto mixed = [](auto one, const auto& other) {
    for (std::size_t i = 0; i < one.size(); ++i) one[i] ^= other[i];
    return std::string(view(one));
  };
  const auto native = sha1({""});
  const auto native_twice = sha1({view(native)});
  CHECK_FALSE(verifier.check_native(mixed(native, sha1({nonce, view(native_twice)})), nonce));
  const auto sha2 = sha256({""});
  const auto sha2_twice = sha256({view(sha2)});
  const auto sha2_thrice = sha256({view(sha2_twice)});
  CHECK_FALSE(verifier.check_fast(mixed(sha2, sha256({view(sha2_thrice), nonce})), nonce));
  CHECK_FALSE(verifier.check_fast(mixed(sha2, sha256({view(sha2_twice), nonce})), nonce));
}

TEST_CASE("verifier: a native hash serves the native plugin") {
  const auto verifier = Verifier::from_hash(native_of_pw_n);
  REQUIRE(verifier);
  CHECK(verifier->supports(native_password_plugin));
  CHECK_FALSE(verifier->supports(caching_sha2_plugin));
  CHECK(verifier->check_native(native_scramble(Secret("pw-n"), nonce), nonce));
  CHECK_FALSE(verifier->check_password(Secret("pw-n")));
}

TEST_CASE("verifier: a caching_sha2 hash opens the fast path once the password was seen") {
  auto verifier = Verifier::from_hash(sha2_of_pw_c);
  REQUIRE(verifier);
  CHECK(verifier->supports(caching_sha2_plugin));
  CHECK_FALSE(verifier->supports(native_password_plugin));
  const Secret password("pw-c");
  const auto response = caching_sha2_scramble(password, nonce);
  CHECK_FALSE(verifier->check_fast(response, nonce));
  CHECK(verifier->check_password(password));
  CHECK_FALSE(verifier->check_password(Secret("pw-d")));
  verifier->remember(caching_sha2_digest(password));
  CHECK(verifier->check_fast(response, nonce));
}

TEST_CASE("verifier: what is no hash") {
  for (const auto* text : {"", "password", "*123", "0x", "$A$005$short", "$5$salt$hash"}) {
    CAPTURE(text);
    CHECK_FALSE(Verifier::from_hash(text));
  }
}

TEST_CASE("accounts: the right one, or an imitation that nothing opens") {
  Accounts accounts;
  accounts.add({"a", "", Verifier::from_password(Secret("pw-a"))});
  accounts.add({"b", std::string(native_password_plugin), Verifier::from_password(Secret("pw-b"))});
  CHECK(accounts.find("a").known);
  CHECK(accounts.find("b").plugin == native_password_plugin);
  CHECK_FALSE(accounts.find("A").known);

  const auto first = accounts.find("nobody");
  CHECK_FALSE(first.known);
  CHECK(first.name == "nobody");
  CHECK(accounts.find("nobody").plugin == first.plugin);
  bool imitates_both[2] = {};
  for (int i = 0; i < 100; ++i) {
    imitates_both[accounts.find("user" + std::to_string(i)).plugin.empty() ? 0 : 1] = true;
  }
  CHECK(imitates_both[0]);
  CHECK(imitates_both[1]);
  CHECK_FALSE(Accounts().find("x").known);
}

TEST_CASE("accounts: remembering opens the fast path of that user only") {
  Accounts accounts;
  accounts.add({"a", "", *Verifier::from_hash(sha2_of_pw_c)});
  accounts.add({"b", "", *Verifier::from_hash(sha2_of_pw_c)});
  accounts.remember("a", caching_sha2_digest(Secret("pw-c")));
  const auto response = caching_sha2_scramble(Secret("pw-c"), nonce);
  CHECK(accounts.find("a").verifier.check_fast(response, nonce));
  CHECK_FALSE(accounts.find("b").verifier.check_fast(response, nonce));
}

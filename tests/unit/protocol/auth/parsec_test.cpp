#include "protocol/auth/parsec.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <string>

#include "protocol/openssl_ptr.hpp"

using namespace sluice;
using namespace sluice::auth;

namespace {

using Key = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using Context = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string decoded(std::string base64) {
  while (base64.size() % 4 != 0) base64 += '=';
  std::string bytes(base64.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), raw(base64),
                  static_cast<int>(base64.size()));
  return bytes;
}

/// As a server does it, with the public key that it keeps.
bool verifies(const std::string& public_key, std::string_view signature, std::string_view message) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), 32));
  const Context context(EVP_MD_CTX_new());
  EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get());
  return EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message),
                          message.size()) == 1;
}

}  // namespace

TEST_CASE("parsec: what is signed fits the public key that MariaDB stores") {
  // SHOW CREATE USER of MariaDB 11.8 for IDENTIFIED VIA parsec USING PASSWORD('...')
  struct Account {
    const char* password;
    const char* salt;
    const char* public_key;
  };
  for (const Account& account :
       {Account{"by parsec", "dSidDzDH8ml4Lr8gLqyjWZvF",
                "5Gmb2NY+4aM7EiaOZB5CDeCEuOQTHYFenk0RxS8Biq0"},
        Account{"x", "U3+Rbb+nOexYsy/x6exE5y7q", "ljIx55YbrWrUFNJqimKuaeCIsxQaSyC/r763QWkUsJ0"},
        Account{"0123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789",
                "fP0ckYQI67EvPQ/YP1EW6b4O", "qkn5NU+UXndzJut8+QgGT8CL3G3LzmLWQ1XAJtRXgkI"}}) {
    CAPTURE(account.password);
    const auto derivation =
        parse_parsec_key_derivation(std::string("P\0", 2) + decoded(account.salt));
    REQUIRE(derivation);
    CHECK(derivation->iterations == 1024);
    const std::string nonce = "0123456789abcdef0123456789abcdef";
    const auto answer = parsec_sign(Secret(account.password), *derivation, nonce);
    REQUIRE(answer);
    REQUIRE(answer->size() == 96);
    const auto own_nonce = answer->substr(0, 32);
    const auto signature = answer->substr(32);
    const auto public_key = decoded(account.public_key);
    CHECK(verifies(public_key, signature, nonce + own_nonce));
    CHECK_FALSE(verifies(public_key, signature, own_nonce + nonce));
    CHECK(parsec_sign(Secret(account.password), *derivation, nonce)->substr(0, 32) != own_nonce);
    const auto wrong = parsec_sign(Secret("wrong"), *derivation, nonce);
    CHECK_FALSE(verifies(public_key, wrong->substr(32), nonce + wrong->substr(0, 32)));
  }
}

TEST_CASE("parsec: ways to make a key that are none, or take too long") {
  const std::string salt(18, 's');
  CHECK(parse_parsec_key_derivation("P\x03" + salt)->iterations == 8192);
  CHECK(parse_parsec_key_derivation("P\x0a" + salt)->iterations == 1 << 20);
  CHECK(parse_parsec_key_derivation("P\x0a" + salt)->salt == salt);
  for (const std::string& data :
       {"P\x0b" + salt, "P\xff" + salt, "Q\x03" + salt, "P\x03" + salt.substr(1),
        "P\x03" + salt + "s", std::string("P"), std::string()}) {
    CHECK_FALSE(parse_parsec_key_derivation(data));
  }
}

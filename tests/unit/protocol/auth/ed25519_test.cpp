#include "protocol/auth/ed25519.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <string>

using namespace sluice::auth;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool verifies(const Ed25519PublicKey& public_key, std::string_view signature,
              std::string_view message) {
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()),
      &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get());
  return EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message),
                          message.size()) == 1;
}

/// As MariaDB stores it: base 64 without padding.
std::string stored(const Ed25519PublicKey& key) {
  std::string text(45, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), key.data(),
                  static_cast<int>(key.size()));
  return text.substr(0, 43);
}

}  // namespace

TEST_CASE("ed25519: the public keys that MariaDB stores") {
  struct Case {
    std::string password;
    const char* expected;
  };
  std::string long_password;
  for (int i = 0; i < 40; ++i) long_password += "ab";
  for (const auto& sample :
       {Case{"pw-e", "sGlf5lqY8KqbAgM47HpRbNvqbskOx1qF+OafGi193QE"},
        Case{"x", "Gv2JI8Env2fd5YGonZ082tX3UAW+yJYldOlj4R1bfK4"},
        Case{"0123456789abcdef0123456789abcdef", "I7xUkSwebpLEqGglyGfif/3FVb/71CRPF6Jqv//ull0"},
        Case{long_password, "g7nK8S/+n8Jwd5EymEFtyS8p/MoyLEMdecDSr3avWDE"}}) {
    const auto& password = sample.password;
    const auto& expected = sample.expected;
    CAPTURE(password);
    CHECK(stored(ed25519_public_key(Secret(password))) == expected);
  }
}

TEST_CASE("ed25519: for passwords of 32 bytes it is OpenSSL's Ed25519") {
  for (int i = 0; i < 32; ++i) {
    std::string seed(32, static_cast<char>(i));
    seed[0] = static_cast<char>(7 * i + 1);
    const std::string nonce(32, static_cast<char>(255 - i));
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()),
                  &EVP_PKEY_free);
    Ed25519PublicKey public_key{};
    std::size_t size = public_key.size();
    EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size);
    CHECK(ed25519_public_key(Secret(seed)) == public_key);

    std::string signature(64, '\0');
    size = signature.size();
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                   raw(nonce), nonce.size());
    CHECK(ed25519_sign(Secret(seed), nonce) == signature);
  }
}

TEST_CASE("ed25519: signatures verify, with the right key and nonce only") {
  for (const auto* password : {"", "a", "pw-e", "a password of some more than thirty-two bytes"}) {
    const Secret secret(password);
    const std::string nonce = "0123456789ABCDEF0123456789ABCDEF";
    const auto signature = ed25519_sign(secret, nonce);
    REQUIRE(signature.size() == 64);
    CHECK(verifies(ed25519_public_key(secret), signature, nonce));
    CHECK_FALSE(verifies(ed25519_public_key(secret), signature, "1" + nonce.substr(1)));
    CHECK_FALSE(verifies(ed25519_public_key(Secret("other")), signature, nonce));
  }
}

#include "protocol/auth/parsec.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

#include "protocol/openssl_ptr.hpp"

namespace sluice::auth {

namespace {

using SigningKey = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using SigningContext = OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr std::size_t parsec_salt_size = 18;
constexpr std::size_t seed_size = 32;
constexpr std::size_t signature_size = 64;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* raw(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

SigningKey make_key(const Secret& password, const ParsecKeyDerivation& derivation) {
  std::array<unsigned char, seed_size> seed{};
  const int derived = PKCS5_PBKDF2_HMAC(
      password.reveal().data(), static_cast<int>(password.reveal().size()), raw(derivation.salt),
      static_cast<int>(derivation.salt.size()), derivation.iterations, EVP_sha512(),
      static_cast<int>(seed.size()), seed.data());
  SigningKey key;
  if (derived == 1) {
    key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  }
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

}  // namespace

std::optional<ParsecKeyDerivation> parse_parsec_key_derivation(std::string_view data) {
  constexpr int least_iterations = 1024;
  constexpr unsigned most_doublings = 10;
  if (data.size() != 2 + parsec_salt_size || data[0] != 'P') return std::nullopt;
  const auto doublings = static_cast<unsigned char>(data[1]);
  if (doublings > most_doublings) return std::nullopt;
  return ParsecKeyDerivation{least_iterations << doublings, std::string(data.substr(2))};
}

std::optional<std::string> parsec_sign(const Secret& password,
                                       const ParsecKeyDerivation& derivation,
                                       std::string_view server_nonce) {
  std::string nonce(parsec_nonce_size, '\0');
  if (RAND_bytes(raw(nonce), static_cast<int>(nonce.size())) != 1) return std::nullopt;
  const SigningKey key = make_key(password, derivation);
  const SigningContext context(EVP_MD_CTX_new());
  if (!key || !context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) {
    return std::nullopt;
  }
  const std::string message = std::string(server_nonce) + nonce;
  std::string signature(signature_size, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSign(context.get(), raw(signature), &size, raw(std::string_view(message)),
                     message.size()) != 1 ||
      size != signature_size) {
    return std::nullopt;
  }
  return nonce + signature;
}

}  // namespace sluice::auth

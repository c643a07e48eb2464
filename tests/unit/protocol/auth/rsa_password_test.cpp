#include "protocol/auth/rsa_password.hpp"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

using namespace sluice::auth;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string public_pem(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return pem;
}

/// What a server does with it: RSA-OAEP, then XOR with the nonce.
std::string decrypt(EVP_PKEY* key, const std::string& encrypted, std::string_view nonce) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
  EVP_PKEY_decrypt_init(context);
  EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
  std::string plain(encrypted.size(), '\0');
  std::size_t size = plain.size();
  const int done =
      EVP_PKEY_decrypt(context, reinterpret_cast<unsigned char*>(plain.data()), &size,
                       reinterpret_cast<const unsigned char*>(encrypted.data()), encrypted.size());
  EVP_PKEY_CTX_free(context);
  REQUIRE(done == 1);
  plain.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    plain[i] = static_cast<char>(plain[i] ^ nonce[i % nonce.size()]);
  }
  return plain;
}

}  // namespace

TEST_CASE("rsa password: the server gets the password and its NUL") {
  const Key key(EVP_RSA_gen(2048), &EVP_PKEY_free);
  const std::string nonce = "abcdefghijklmnopqrst";
  for (const auto* password : {"pw", "a password that is longer than its nonce"}) {
    const auto encrypted = encrypt_password(Secret(password), nonce, public_pem(key.get()));
    REQUIRE(encrypted);
    CHECK(decrypt(key.get(), *encrypted, nonce) == std::string(password) + '\0');
  }
}

TEST_CASE("rsa password: unusable keys") {
  const Key key(EVP_RSA_gen(2048), &EVP_PKEY_free);
  const auto pem = public_pem(key.get());
  const std::string nonce = "abcdefghijklmnopqrst";
  CHECK_FALSE(encrypt_password(Secret("pw"), nonce, ""));
  CHECK_FALSE(encrypt_password(Secret("pw"), nonce, "no key"));
  CHECK_FALSE(encrypt_password(Secret("pw"), nonce, pem.substr(0, pem.size() / 2)));
  CHECK_FALSE(encrypt_password(Secret("pw"), "", pem));
  CHECK_FALSE(encrypt_password(Secret(std::string(300, 'x')), nonce, pem));  // longer than the key

  const Key curve(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  CHECK_FALSE(encrypt_password(Secret("pw"), nonce, public_pem(curve.get())));
}

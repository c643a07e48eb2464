#include "protocol/auth/rsa_password.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "protocol/openssl_ptr.hpp"

namespace sluice::auth {

namespace {

using BioPtr = OpensslPtr<BIO, BIO_free_all>;
using KeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using ContextPtr = OpensslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

constexpr std::size_t max_pem_size = 16384;  // an RSA key of 16384 bits has 3 KiB

KeyPtr read_public_key(std::string_view pem) {
  if (pem.size() > max_pem_size) return nullptr;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) return nullptr;
  KeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (key && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) key.reset();
  return key;
}

}  // namespace

std::optional<std::string> encrypt_password(const Secret& password, std::string_view nonce,
                                            std::string_view public_key_pem) {
  const KeyPtr key = read_public_key(public_key_pem);
  if (!key || nonce.empty()) return std::nullopt;
  const ContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
  if (!context || EVP_PKEY_encrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha1()) <= 0) {
    return std::nullopt;
  }
  std::string plain;
  plain.reserve(password.reveal().size() + 1);  // one that grows leaves itself behind in memory
  plain.append(password.reveal()).push_back('\0');
  for (std::size_t i = 0; i < plain.size(); ++i) {
    plain[i] = static_cast<char>(plain[i] ^ nonce[i % nonce.size()]);
  }
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  std::string encrypted(size, '\0');
  const int done =
      EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(encrypted.data()), &size,
                       reinterpret_cast<const unsigned char*>(plain.data()), plain.size());
  OPENSSL_cleanse(plain.data(), plain.size());
  if (done <= 0) return std::nullopt;
  encrypted.resize(size);
  return encrypted;
}

}  // namespace sluice::auth

#include "protocol/auth/digest.hpp"

#include <openssl/evp.h>

#include <new>

#include "protocol/openssl_ptr.hpp"

namespace sluice::auth {

namespace {

template <std::size_t size>
std::array<std::uint8_t, size> digest(const EVP_MD* algorithm,
                                      std::initializer_list<std::string_view> pieces) {
  const OpensslPtr<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  // These fail for want of memory only.
  if (!context || EVP_DigestInit_ex(context.get(), algorithm, nullptr) != 1) throw std::bad_alloc();
  for (const auto piece : pieces) EVP_DigestUpdate(context.get(), piece.data(), piece.size());
  std::array<std::uint8_t, size> result{};
  EVP_DigestFinal_ex(context.get(), result.data(), nullptr);
  return result;
}

}  // namespace

Sha1Digest sha1(std::initializer_list<std::string_view> pieces) {
  return digest<20>(EVP_sha1(), pieces);
}

Sha256Digest sha256(std::initializer_list<std::string_view> pieces) {
  return digest<32>(EVP_sha256(), pieces);
}

Sha512Digest sha512(std::initializer_list<std::string_view> pieces) {
  return digest<64>(EVP_sha512(), pieces);
}

}  // namespace sluice::auth

#include "protocol/tls/aead.hpp"

#include <openssl/crypto.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace sluice::tls {
namespace {

#if defined(__x86_64__)
/// Asked by itself, as not every compiler's __builtin_cpu_supports knows these two.
bool has_vaes() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr auto wanted = static_cast<unsigned>(bit_VAES | bit_VPCLMULQDQ);
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 &&
         (c & wanted) == wanted;
}
#endif

const GcmKernel* find_kernel_of_processor() {
#if defined(__x86_64__)
  const bool has_aes = __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
                       __builtin_cpu_supports("sse4.1");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl");
  if (has_aes && has_vaes()) return has_avx512 ? &gcm_avx512 : &gcm_vaes;
  if (has_aes) return &gcm_aesni;
#endif
  return nullptr;
}

const EVP_CIPHER* openssls(AeadName name) {
  switch (name) {
    case AeadName::aes_128_gcm:
      return EVP_aes_128_gcm();
    case AeadName::aes_256_gcm:
      return EVP_aes_256_gcm();
    case AeadName::chacha20_poly1305:
      return EVP_chacha20_poly1305();
  }
  return nullptr;
}

}  // namespace

const GcmKernel* find_gcm_kernel() {
  static const GcmKernel* const found = find_kernel_of_processor();
  return EVP_default_properties_is_fips_enabled(nullptr) == 1 ? nullptr : found;
}

Aead::Aead(AeadName name, Bytes key, const GcmKernel* kernel) {
  const EVP_CIPHER* const cipher = openssls(name);
  if (cipher == nullptr ||
      key.size() != static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher))) {
    return;
  }
  if (kernel != nullptr && name != AeadName::chacha20_poly1305) {
    kernel_ = kernel;
    gcm_.reset(new GcmKey);
    kernel_->set_key(*gcm_, key.data(), key.size());
    return;
  }
  cipher_.reset(EVP_CIPHER_CTX_new());
  if (cipher_ && EVP_CipherInit_ex(cipher_.get(), cipher, nullptr, key.data(), nullptr, 1) != 1) {
    cipher_.reset();
  }
}

void Aead::Forget::operator()(GcmKey* key) const {
  OPENSSL_cleanse(key, sizeof *key);
  delete key;
}

bool Aead::seal(const Nonce& nonce, Bytes header, Bytes content, std::uint8_t type,
                std::uint8_t* sealed) {
  if (gcm_) {
    kernel_->seal(*gcm_, {nonce.data(), header.data()}, content.data(), content.size(), type,
                  sealed);
    return true;
  }
  std::uint8_t* const tag = sealed + content.size() + 1;
  int size = 0;
  return begin(nonce, header, true) && update(content, sealed) &&
         update({&type, 1}, sealed + content.size()) &&
         EVP_CipherFinal_ex(cipher_.get(), tag, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag) == 1;
}

std::optional<std::uint8_t> Aead::open(const Nonce& nonce, Bytes header, Bytes sealed,
                                       std::uint8_t* content) {
  const std::size_t size = sealed.size() - tag_size - 1;
  std::uint8_t type = 0;
  if (gcm_) {
    const GcmRecord record = {nonce.data(), header.data()};
    if (!kernel_->open(*gcm_, record, sealed.data(), size, content, type)) return std::nullopt;
    return type;
  }
  const Bytes tag = sealed.last(tag_size);
  int rest = 0;
  const bool authentic = begin(nonce, header, false) && update(sealed.first(size), content) &&
                         update(sealed.subspan(size, 1), &type) &&
                         EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, tag_size,
                                             const_cast<std::uint8_t*>(tag.data())) == 1 &&
                         EVP_CipherFinal_ex(cipher_.get(), &type, &rest) == 1;
  if (!authentic) return std::nullopt;
  return type;
}

bool Aead::begin(const Nonce& nonce, Bytes header, bool seals) {
  int size = 0;
  return cipher_ &&
         EVP_CipherInit_ex(cipher_.get(), nullptr, nullptr, nullptr, nonce.data(), seals ? 1 : 0) ==
             1 &&
         EVP_CipherUpdate(cipher_.get(), nullptr, &size, header.data(),
                          static_cast<int>(header.size())) == 1;
}

bool Aead::update(Bytes from, std::uint8_t* to) {
  int size = 0;
  return from.empty() || EVP_CipherUpdate(cipher_.get(), to, &size, from.data(),
                                          static_cast<int>(from.size())) == 1;
}

}  // namespace sluice::tls

#include "protocol/tls/traffic_secret.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>

#include "protocol/openssl_ptr.hpp"

namespace sluice::tls {
namespace {

constexpr std::array suites = {
    std::pair{0x1301U, Suite{AeadName::aes_128_gcm, "SHA256", 16, 32}},
    std::pair{0x1302U, Suite{AeadName::aes_256_gcm, "SHA384", 32, 48}},
    std::pair{0x1303U, Suite{AeadName::chacha20_poly1305, "SHA256", 32, 32}},
};

OSSL_PARAM text(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

OSSL_PARAM octets(const char* name, Bytes value) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()),
                                           value.size());
}

}  // namespace

const Suite* find_suite(std::uint32_t id) {
  const auto* const found = std::ranges::find(suites, id, &decltype(suites)::value_type::first);
  return found == suites.end() ? nullptr : &found->second;
}

TrafficSecret::TrafficSecret(Bytes bytes) {
  if (bytes.size() > bytes_.size()) return;
  std::ranges::copy(bytes, bytes_.begin());
  size_ = bytes.size();
}

TrafficSecret::~TrafficSecret() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

bool TrafficSecret::expand(const Suite& suite, const char* label, MutableBytes out) const {
  const OpensslPtr<EVP_KDF, EVP_KDF_free> kdf(EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr));
  const OpensslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free> context(kdf ? EVP_KDF_CTX_new(kdf.get())
                                                              : nullptr);
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array parameters = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      text(OSSL_KDF_PARAM_DIGEST, suite.digest),
      octets(OSSL_KDF_PARAM_KEY, reveal()),
      octets(OSSL_KDF_PARAM_PREFIX, as_bytes("tls13 ")),
      octets(OSSL_KDF_PARAM_LABEL, as_bytes(label)),
      OSSL_PARAM_construct_end(),
  };
  return context && EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) == 1;
}

std::optional<TrafficSecret> TrafficSecret::next(const Suite& suite) const {
  TrafficSecret next;
  next.size_ = size_;
  if (!expand(suite, "traffic upd", MutableBytes(next.bytes_).first(size_))) return std::nullopt;
  return next;
}

}  // namespace sluice::tls

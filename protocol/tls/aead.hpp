// An authenticated cipher with its key, as TLS 1.3 uses one for its records (RFC 8446,
// section 5.2).
//
// AES-GCM is Sluice's own where the processor has the instructions for it (aes_gcm_kernel.hpp), as
// no library of the distributions comes near to what it can do (bench/NOTES.md); everything else is
// OpenSSL's, and all of it in OpenSSL's FIPS mode.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>

#include "protocol/bytes.hpp"
#include "protocol/openssl_ptr.hpp"
#include "protocol/tls/aes_gcm_kernel.hpp"
#include "protocol/tls/record.hpp"

namespace sluice::tls {

using Nonce = std::array<std::uint8_t, 12>;

/// As the registry of TLS numbers its suites: 0x1301 and so on.
enum class AeadName : std::uint8_t { aes_128_gcm = 1, aes_256_gcm = 2, chacha20_poly1305 = 3 };

/// The fastest kernel that this processor can run. nullptr: none, or OpenSSL is in its FIPS mode.
[[nodiscard]] const GcmKernel* find_gcm_kernel();

class Aead {
 public:
  /// `key`: of the size that the cipher has. Where it cannot be made the object is false, and
  /// everything fails. `kernel`: nullptr is OpenSSL.
  Aead(AeadName name, Bytes key, const GcmKernel* kernel = find_gcm_kernel());
  explicit operator bool() const { return gcm_ != nullptr || cipher_ != nullptr; }

  /// Encrypts content and type to `sealed`, with the tag behind them: content.size() + 1 + tag_size
  /// bytes, which do not overlap. `header`: of header_size. false: OpenSSL could not.
  [[nodiscard]] bool seal(const Nonce& nonce, Bytes header, Bytes content, std::uint8_t type,
                          std::uint8_t* sealed);

  /// Decrypts what seal() has made to `content`, which begins where `sealed` does or does not
  /// overlap it, and has room for all but type and tag. The type, or nullopt: it is not authentic,
  /// and what is in `content` is worth nothing.
  [[nodiscard]] std::optional<std::uint8_t> open(const Nonce& nonce, Bytes header, Bytes sealed,
                                                 std::uint8_t* content);

 private:
  struct Forget {
    void operator()(GcmKey* key) const;
  };

  [[nodiscard]] bool begin(const Nonce& nonce, Bytes header, bool seals);
  [[nodiscard]] bool update(Bytes from, std::uint8_t* to);

  const GcmKernel* kernel_ = nullptr;
  std::unique_ptr<GcmKey, Forget> gcm_;
  OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> cipher_;
};

}  // namespace sluice::tls

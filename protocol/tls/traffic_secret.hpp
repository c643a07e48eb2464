// What the keys of one direction are made of (RFC 8446, section 7).
#pragma once

#include <array>
#include <optional>

#include "protocol/bytes.hpp"
#include "protocol/tls/aead.hpp"

namespace sluice::tls {

/// What the two sides have agreed on: an AEAD and the hash of the key schedule.
struct Suite {
  AeadName aead;
  const char* digest;  // as OpenSSL names it
  std::size_t key_size;
  std::size_t secret_size;
};

/// nullptr: not one of AES-GCM or ChaCha20-Poly1305. `id`: of the TLS registry (0x1301 and so on).
[[nodiscard]] const Suite* find_suite(std::uint32_t id);

/// A traffic secret. Overwritten when it goes.
class TrafficSecret {
 public:
  TrafficSecret() = default;
  /// Larger ones than any suite has are no secret.
  explicit TrafficSecret(Bytes bytes);
  ~TrafficSecret();
  TrafficSecret(const TrafficSecret&) = default;
  TrafficSecret& operator=(const TrafficSecret&) = default;

  [[nodiscard]] Bytes reveal() const { return Bytes(bytes_).first(size_); }

  /// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1), as long as `out`. false:
  /// OpenSSL has no memory, or no such digest.
  [[nodiscard]] bool expand(const Suite& suite, const char* label, MutableBytes out) const;
  /// The one behind it, for after a KeyUpdate (section 7.2).
  [[nodiscard]] std::optional<TrafficSecret> next(const Suite& suite) const;

 private:
  std::array<std::uint8_t, 48> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace sluice::tls

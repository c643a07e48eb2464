// Passwords and what stands for them: wiped when they go, never printable by accident.
#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>
#include <utility>

namespace sluice::auth {

/// Owns secret bytes. There is no stream operator and no formatter on purpose; reveal() marks the
/// places where a secret is used. Moved and destroyed secrets are wiped.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept { *this = std::move(other); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      bytes_ = other.bytes_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      bytes_ = other.bytes_;
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  /// In a time that depends on the lengths only.
  bool operator==(const Secret& other) const;

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::string_view reveal() const { return bytes_; }

 private:
  void wipe() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_.clear();
  }

  std::string bytes_;
};

/// Equality in a time that depends on the lengths only.
inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

inline bool Secret::operator==(const Secret& other) const {
  return equal_in_constant_time(bytes_, other.bytes_);
}

}  // namespace sluice::auth

#include "protocol/auth/account.hpp"

#include <functional>

#include "protocol/auth/sha256_crypt.hpp"

namespace sluice::auth {

Verifier Verifier::from_password(const Secret& password) {
  Verifier verifier;
  if (password.empty()) return verifier;
  verifier.native_ = native_hash(password);
  verifier.digest_ = caching_sha2_digest(password);
  return verifier;
}

std::optional<Verifier> Verifier::from_hash(std::string_view text) {
  Verifier verifier;
  verifier.native_ = parse_native_hash(text);
  if (!verifier.native_) verifier.sha2_hash_ = parse_caching_sha2_hash(text);
  if (!verifier.native_ && !verifier.sha2_hash_) return std::nullopt;
  return verifier;
}

bool Verifier::supports(std::string_view plugin) const {
  if (plugin == native_password_plugin) return native_.has_value();
  if (plugin == caching_sha2_plugin) return digest_ || sha2_hash_;
  return false;
}

bool Verifier::check_native(std::string_view response, std::string_view nonce) const {
  return native_ && verify_native(response, nonce, *native_);
}

bool Verifier::check_fast(std::string_view response, std::string_view nonce) const {
  return digest_ && verify_caching_sha2(response, nonce, *digest_);
}

bool Verifier::check_password(const Secret& password) const {
  if (password.empty()) return false;
  if (sha2_hash_) return verify_caching_sha2(password, *sha2_hash_);
  static_cast<void>(sha256_crypt(password, "01234567890123456789", caching_sha2_rounds));
  return digest_ && equal_in_constant_time(view(caching_sha2_digest(password)), view(*digest_));
}

Account Accounts::find(std::string_view name) const {
  for (const auto& account : accounts_) {
    if (account.name == name) return account;
  }
  Account imitation;
  if (!accounts_.empty()) {
    imitation = accounts_[std::hash<std::string_view>{}(name) % accounts_.size()];
  }
  imitation.name = name;
  imitation.known = false;
  return imitation;
}

void Accounts::remember(std::string_view name, const Sha256Digest& digest) {
  for (auto& account : accounts_) {
    if (account.name == name) account.verifier.remember(digest);
  }
}

}  // namespace sluice::auth

#include "protocol/auth/native_password.hpp"

#include <algorithm>

#include "protocol/hex.hpp"

namespace sluice::auth {

std::string native_hash_text(const Sha1Digest& hash) {
  return "*" + to_upper_hex(view(hash));
}

std::optional<Sha1Digest> parse_native_hash(std::string_view text) {
  if (text.size() != 41 || text.front() != '*') return std::nullopt;
  const auto bytes = from_hex(text.substr(1));
  if (!bytes) return std::nullopt;
  Sha1Digest hash{};
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

Sha1Digest native_hash(const Secret& password) {
  const auto stage1 = sha1({password.reveal()});
  return sha1({view(stage1)});
}

std::string native_scramble(const Secret& password, std::string_view nonce) {
  if (password.empty()) return {};
  const auto stage1 = sha1({password.reveal()});
  const auto stage2 = sha1({view(stage1)});
  auto token = sha1({nonce, view(stage2)});
  for (std::size_t i = 0; i < token.size(); ++i) token[i] ^= stage1[i];
  return std::string(view(token));
}

bool verify_native(std::string_view response, std::string_view nonce, const Sha1Digest& hash) {
  if (response.size() != hash.size()) return false;
  auto stage1 = sha1({nonce, view(hash)});
  for (std::size_t i = 0; i < stage1.size(); ++i)
    stage1[i] ^= static_cast<std::uint8_t>(response[i]);
  return equal_in_constant_time(view(sha1({view(stage1)})), view(hash));
}

}  // namespace sluice::auth

#include "protocol/auth/caching_sha2.hpp"

#include <charconv>

#include "protocol/auth/sha256_crypt.hpp"
#include "protocol/hex.hpp"

namespace sluice::auth {

namespace {

constexpr std::string_view prefix = "$A$";
constexpr std::size_t salt_size = caching_sha2_salt_size;
constexpr std::size_t hash_size = 43;
constexpr std::uint32_t rounds_unit = 1000;

}  // namespace

Sha256Digest caching_sha2_digest(const Secret& password) {
  const auto once = sha256({password.reveal()});
  return sha256({view(once)});
}

std::string caching_sha2_scramble(const Secret& password, std::string_view nonce) {
  if (password.empty()) return std::string(1, '\0');
  const auto stage1 = sha256({password.reveal()});
  const auto stage2 = sha256({view(stage1)});
  auto token = sha256({view(stage2), nonce});
  for (std::size_t i = 0; i < token.size(); ++i) token[i] ^= stage1[i];
  return std::string(view(token));
}

bool verify_caching_sha2(std::string_view response, std::string_view nonce,
                         const Sha256Digest& digest) {
  if (response.size() != digest.size()) return false;
  auto stage1 = sha256({view(digest), nonce});
  for (std::size_t i = 0; i < stage1.size(); ++i)
    stage1[i] ^= static_cast<std::uint8_t>(response[i]);
  return equal_in_constant_time(view(sha256({view(stage1)})), view(digest));
}

CachingSha2Hash caching_sha2_hash(const Secret& password, std::string_view salt) {
  return {caching_sha2_rounds, std::string(salt),
          sha256_crypt(password, salt, caching_sha2_rounds)};
}

std::string to_text(const CachingSha2Hash& hash) {
  const std::uint32_t count = hash.rounds / rounds_unit;
  const std::string digits = to_upper_hex(
      std::string{static_cast<char>(count >> 8 & 0xFF), static_cast<char>(count & 0xFF)});
  return std::string(prefix) + digits.substr(1) + "$" + hash.salt + hash.hash;
}

std::optional<CachingSha2Hash> parse_caching_sha2_hash(std::string_view text) {
  if (!text.starts_with(prefix)) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    const auto bytes = from_hex(text);
    if (!bytes || !bytes->starts_with(prefix)) return std::nullopt;
    return parse_caching_sha2_hash(*bytes);
  }
  text.remove_prefix(prefix.size());
  if (text.size() != 4 + salt_size + hash_size || text[3] != '$') return std::nullopt;
  CachingSha2Hash hash;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 3, hash.rounds, 16);
  if (error != std::errc{} || end != text.data() + 3 || hash.rounds == 0) return std::nullopt;
  hash.rounds *= rounds_unit;
  hash.salt = text.substr(4, salt_size);
  hash.hash = text.substr(4 + salt_size);
  return hash;
}

bool verify_caching_sha2(const Secret& password, const CachingSha2Hash& hash) {
  return equal_in_constant_time(sha256_crypt(password, hash.salt, hash.rounds), hash.hash);
}

}  // namespace sluice::auth

// caching_sha2_password (sql/auth/sha2_password.cc, sha2_password_common.cc).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/auth/digest.hpp"
#include "protocol/auth/secret.hpp"

namespace sluice::auth {

inline constexpr std::string_view caching_sha2_plugin = "caching_sha2_password";

/// The single bytes of the exchange, server to client in an AuthMoreData, client to server alone.
inline constexpr char sha2_fast_ok = 0x03;
inline constexpr char sha2_full_authentication = 0x04;
inline constexpr char sha2_public_key_request = 0x02;

inline constexpr std::size_t caching_sha2_salt_size = 20;
/// caching_sha2_password_digest_rounds, whose default is also the least there can be.
inline constexpr std::uint32_t caching_sha2_rounds = 5000;

/// SHA256(SHA256(password)): what the fast path needs, and what a server caches.
[[nodiscard]] Sha256Digest caching_sha2_digest(const Secret& password);

/// The client's answer, 32 bytes; one NUL for an empty password.
[[nodiscard]] std::string caching_sha2_scramble(const Secret& password, std::string_view nonce);
/// An empty response never verifies.
[[nodiscard]] bool verify_caching_sha2(std::string_view response, std::string_view nonce,
                                       const Sha256Digest& digest);

/// What a server keeps for good: "$A$005$", a salt of 20 bytes, 43 characters.
struct CachingSha2Hash {
  std::uint32_t rounds = 0;
  std::string salt;
  std::string hash;

  bool operator==(const CachingSha2Hash&) const = default;
};
/// What a server would keep for this password. `salt`: caching_sha2_salt_size bytes, none of them
/// NUL or `$`.
[[nodiscard]] CachingSha2Hash caching_sha2_hash(const Secret& password, std::string_view salt);
/// As in authentication_string.
[[nodiscard]] std::string to_text(const CachingSha2Hash& hash);
/// Reads authentication_string of mysql.user: raw, or as hexadecimal digits with or without 0x in
/// front, as SHOW CREATE USER prints it with print_identified_with_as_hex.
[[nodiscard]] std::optional<CachingSha2Hash> parse_caching_sha2_hash(std::string_view text);
/// Full authentication. Costs some milliseconds on purpose.
[[nodiscard]] bool verify_caching_sha2(const Secret& password, const CachingSha2Hash& hash);

}  // namespace sluice::auth

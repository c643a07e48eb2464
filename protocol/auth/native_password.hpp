// mysql_native_password (sql/auth/password.cc, scramble and check_scramble).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/auth/digest.hpp"
#include "protocol/auth/secret.hpp"

namespace sluice::auth {

inline constexpr std::string_view native_password_plugin = "mysql_native_password";

/// What a server keeps: SHA1(SHA1(password)).
[[nodiscard]] Sha1Digest native_hash(const Secret& password);
/// "*" and 40 hexadecimal digits.
[[nodiscard]] std::string native_hash_text(const Sha1Digest& hash);
/// Reads "*" and 40 hexadecimal digits, as in mysql.user.
[[nodiscard]] std::optional<Sha1Digest> parse_native_hash(std::string_view text);

/// The client's answer, 20 bytes; empty for an empty password.
[[nodiscard]] std::string native_scramble(const Secret& password, std::string_view nonce);
/// An empty response never verifies.
[[nodiscard]] bool verify_native(std::string_view response, std::string_view nonce,
                                 const Sha1Digest& hash);

}  // namespace sluice::auth

// A password under a server's RSA key: sha256_password and caching_sha2_password without TLS
// (sql-common/client_authentication.cc).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/auth/secret.hpp"

namespace sluice::auth {

inline constexpr std::string_view sha256_password_plugin = "sha256_password";
/// Asks a sha256_password server for its key (caching_sha2_password: sha2_public_key_request).
inline constexpr char sha256_public_key_request = 0x01;

/// RSA-OAEP(SHA1) of `password NUL` XOR nonce. Nothing vouches for the key: who sits between can
/// put in its own, so this is for legs where TLS was switched off on purpose. nullopt: the PEM is
/// no RSA public key, or the password is too long for it.
[[nodiscard]] std::optional<std::string> encrypt_password(const Secret& password,
                                                          std::string_view nonce,
                                                          std::string_view public_key_pem);

}  // namespace sluice::auth

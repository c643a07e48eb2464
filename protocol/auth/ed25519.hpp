// MariaDB's client_ed25519 (plugin/auth_ed25519): a signature of the nonce with a key that is made
// of the password.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/auth/secret.hpp"

namespace sluice::auth {

inline constexpr std::string_view ed25519_plugin = "client_ed25519";
inline constexpr std::size_t ed25519_nonce_size = 32;

using Ed25519PublicKey = std::array<std::uint8_t, 32>;

/// The public key a server keeps for the password.
[[nodiscard]] Ed25519PublicKey ed25519_public_key(const Secret& password);
/// 64 bytes.
[[nodiscard]] std::string ed25519_sign(const Secret& password, std::string_view nonce);

}  // namespace sluice::auth

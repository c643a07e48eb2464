// MariaDB's parsec (plugin/auth_parsec/server_parsec.cc, since 11.6): a signature of the nonces of
// both sides with a key that is made of the password and the account's salt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/auth/secret.hpp"

namespace sluice::auth {

inline constexpr std::string_view parsec_plugin = "parsec";
inline constexpr std::size_t parsec_nonce_size = 32;

/// How the account's key is made of its password: by PBKDF2 with SHA-512.
struct ParsecKeyDerivation {
  int iterations;
  std::string salt;
};

/// What the server sends when it has been asked for the salt. nullopt: it is nothing of that kind,
/// or wants more than 2^20 iterations, which take the better part of a second.
[[nodiscard]] std::optional<ParsecKeyDerivation> parse_parsec_key_derivation(std::string_view data);

/// The answer to that: a nonce of one's own and the signature, 96 bytes. nullopt: OpenSSL has no
/// Ed25519, as in its FIPS mode, or no random numbers.
[[nodiscard]] std::optional<std::string> parsec_sign(const Secret& password,
                                                     const ParsecKeyDerivation& derivation,
                                                     std::string_view server_nonce);

}  // namespace sluice::auth

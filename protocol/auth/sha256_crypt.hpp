// SHA-crypt with SHA-256, for salts of 20 bytes, which libcrypt cuts at 16
// (Drepper, "Unix crypt using SHA-256 and SHA-512"; mysys/crypt_genhash_impl.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/auth/secret.hpp"

namespace sluice::auth {

/// The 43 characters of the hash, without salt and prefix.
[[nodiscard]] std::string sha256_crypt(const Secret& password, std::string_view salt,
                                       std::uint32_t rounds);

}  // namespace sluice::auth

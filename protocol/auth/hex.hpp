// Hexadecimal digits in stored password hashes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::auth {

/// nullopt: an odd number of digits, or something else than digits.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

}  // namespace sluice::auth

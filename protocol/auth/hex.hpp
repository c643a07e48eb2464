// Hexadecimal digits in stored password hashes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::auth {

/// In capital letters.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// nullopt: an odd number of digits, or something else than digits.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

}  // namespace sluice::auth

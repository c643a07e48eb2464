// Bytes as hexadecimal digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Two digits, in small letters.
void append_hex(std::string& out, std::uint8_t byte);

/// In small letters.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// In capital letters, as in stored password hashes and URLs.
[[nodiscard]] std::string to_upper_hex(std::string_view bytes);

/// nullopt: an odd number of digits, or something else than digits.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

}  // namespace sluice

// UTF-8 (RFC 3629).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// The bytes of the character at the front of `text`; 0 when there is none.
[[nodiscard]] std::size_t utf8_size(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);

/// What is no character (a surrogate, more than U+10FFFF) becomes U+FFFD.
void append_utf8(std::string& text, std::uint32_t character);

/// The same text with U+FFFD for each byte that belongs to no character.
[[nodiscard]] std::string repaired_utf8(std::string_view text);

}  // namespace sluice

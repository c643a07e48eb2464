// What a password may be that a file, a pipe or a person gives.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::proxy {

/// Far more than what servers accept.
inline constexpr std::size_t longest_password = 1000;
/// So much is read: enough for the end of a line, and to see that there is more.
inline constexpr std::size_t read_of_password = longest_password + 3;

/// Without the end of its line, if there is one.
[[nodiscard]] std::string_view without_line_end(std::string_view text);

/// What is wrong with it: the end of a sentence that begins with where it is from. Empty: nothing,
/// or there is no text.
[[nodiscard]] std::string_view why_no_password(std::string_view text);

}  // namespace sluice::proxy

// What is printed for people to paste into a shell.
#pragma once

#include <string>
#include <string_view>

namespace sluice::proxy {

/// A word of a shell's command line, in quotes where it must be.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace sluice::proxy

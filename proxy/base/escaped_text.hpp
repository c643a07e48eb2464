// Names and texts out of binlog files and from servers, which may be hostile, for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace sluice::proxy {

/// The same text without anything that moves the cursor, changes colours or the direction of
/// writing: control characters become \n, \t, \x1b and the like, what is not UTF-8 too, and a
/// backslash is doubled.
[[nodiscard]] std::string escaped(std::string_view text);

/// The same, but a backslash stays as it is: for what has escapes of its own.
[[nodiscard]] std::string without_controls(std::string_view text);

/// escaped(), in single quotes, with those in it escaped.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace sluice::proxy

// What a statement looks like without its values: for a log.
#pragma once

#include <string>
#include <string_view>

namespace sluice::wire {

/// Its words and symbols, with ? for each string and each number, as any value may be a secret.
/// Ends with ... behind 200 bytes, and before what could be read in more than one way: a backslash
/// in a string, a comment, bytes beyond ASCII, what is not closed.
[[nodiscard]] std::string statement_shape(std::string_view text);

}  // namespace sluice::wire

// JSON as text: what the programs that write it need.
#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// Appends `text` in quotes, as RFC 8259 wants it. What is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The shortest text that is read as the same number, with a point or an exponent; "null" for what
/// JSON has no number for.
[[nodiscard]] std::string json_double(double value);
[[nodiscard]] std::string json_float(float value);

}  // namespace sluice

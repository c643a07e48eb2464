#include "proxy/config/password_text.hpp"

#include <algorithm>

namespace sluice::proxy {

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::string_view why_no_password(std::string_view text) {
  constexpr unsigned char first_printable = 0x20;
  constexpr unsigned char del = 0x7f;
  if (text.size() > longest_password) return "is too long for a password";
  if (text.starts_with("\xEF\xBB\xBF")) {
    return "begins with a byte order mark, which is no part of a password: save it as UTF-8 "
           "without BOM";
  }
  if (text.find('\n') != std::string_view::npos) {
    return "has several lines: a password is one";
  }
  const bool has_control = std::ranges::any_of(
      text, [](unsigned char byte) { return byte < first_printable || byte == del; });
  return has_control ? "holds a NUL or another control character, which is no part of a password"
                     : "";
}

}  // namespace sluice::proxy

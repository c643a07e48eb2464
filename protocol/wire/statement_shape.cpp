#include "protocol/wire/statement_shape.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace sluice::wire {
namespace {

constexpr std::size_t longest_shape = 200;

bool belongs_to_word(char c) {
  return is_alphanumeric(c) || c == '_' || c == '$';
}

/// What stands in quotes, with them; empty: it cannot be told where it ends.
std::string_view quoted_piece(std::string_view text) {
  const auto close = text.find(text.front(), 1);
  if (close == std::string_view::npos) return {};
  const auto whole = text.substr(0, close + 1);
  return whole.find('\\') == std::string_view::npos ? whole : std::string_view{};
}

/// The next piece of `text`; empty: no further.
std::string_view first_piece(std::string_view text) {
  const char c = text.front();
  if (c == '\'' || c == '"' || c == '`') return quoted_piece(text);
  if (belongs_to_word(c)) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), belongs_to_word);
    return text.substr(0, static_cast<std::size_t>(end - text.begin()));
  }
  const bool comment = c == '#' || text.starts_with("--") || text.starts_with("/*");
  return comment || c < ' ' || c > '~' || c == '\\' ? std::string_view{} : text.substr(0, 1);
}

}  // namespace

std::string statement_shape(std::string_view text) {
  std::string shape;
  while (!text.empty()) {
    if (const auto blanks = std::min(text.find_first_not_of(" \t\r\n"), text.size()); blanks > 0) {
      shape.push_back(' ');
      text.remove_prefix(blanks);
      continue;
    }
    const auto next = first_piece(text);
    const bool is_value =
        !next.empty() && (next.front() == '\'' || next.front() == '"' || is_digit(next.front()));
    const std::string_view shown = is_value ? "?" : next;
    if (next.empty() || shape.size() + shown.size() > longest_shape) return shape + "...";
    shape += shown;
    text.remove_prefix(next.size());
  }
  return shape;
}

}  // namespace sluice::wire

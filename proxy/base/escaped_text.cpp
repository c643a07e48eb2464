#include "proxy/base/escaped_text.hpp"

#include <algorithm>

#include "protocol/hex.hpp"
#include "protocol/utf8.hpp"

namespace sluice::proxy {
namespace {

std::string escape_of(char c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\\':
      return "\\\\";
    default:
      return "\\x" + to_hex({&c, 1});
  }
}

bool is_control(char c) {
  return (c >= 0 && c < ' ') || c == 0x7F;
}

/// C1 controls (U+0080 to U+009F), separators of lines, and what turns the direction of writing
/// (U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069, U+061C).
bool is_harmful(std::string_view character) {
  if (character.size() == 2) {
    return (character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xA0) ||
           character == "\xd8\x9c";
  }
  if (character.size() != 3 || character[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(character[2]);
  if (character[1] == '\x80') return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
  return character[1] == '\x81' && last >= 0xA6 && last <= 0xA9;
}

/// What most texts are made of, and never escaped.
bool is_plain(char c) {
  return c >= ' ' && c < 0x7F && c != '\\';
}

void append_escaped(std::string& out, std::string_view text, bool backslash = true) {
  for (;;) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t size = utf8_size(text);
    const std::string_view character = text.substr(0, size == 0 ? 1 : size);
    const bool escapes = size == 0 || is_harmful(character) || is_control(character[0]) ||
                         (backslash && character == "\\");
    if (!escapes) {
      out += character;
    } else {
      for (const char c : character) out += escape_of(c);
    }
    text.remove_prefix(character.size());
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

std::string without_controls(std::string_view text) {
  std::string out;
  append_escaped(out, text, false);
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (std::size_t quote = 0; (quote = text.find('\'')) != std::string_view::npos;) {
    append_escaped(out, text.substr(0, quote));
    out += "\\'";
    text.remove_prefix(quote + 1);
  }
  append_escaped(out, text);
  return out + "'";
}

}  // namespace sluice::proxy

#include "protocol/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "protocol/hex.hpp"
#include "protocol/utf8.hpp"

namespace sluice {
namespace {

/// The escape of a character that must not stand in a string as it is; empty for all others.
std::string escape_of(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= ' ') return {};
  return "\\u00" + to_hex({&c, 1});
}

template <class Number>
std::string shortest(Number value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string number(text.data(), end);
  if (number.find_first_of(".e") == std::string::npos) number += ".0";
  return number;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) {
      out += "\\ufffd";
    } else if (const auto escape = size == 1 ? escape_of(text[0]) : std::string();
               !escape.empty()) {
      out += escape;
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

std::string json_double(double value) {
  return shortest(value);
}
std::string json_float(float value) {
  return shortest(value);
}

}  // namespace sluice

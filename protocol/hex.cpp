#include "protocol/hex.hpp"

#include <charconv>

namespace sluice {
namespace {

constexpr std::string_view small_digits = "0123456789abcdef";
constexpr std::string_view capital_digits = "0123456789ABCDEF";

void append(std::string& out, std::uint8_t byte, std::string_view digits) {
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

std::string in_digits(std::string_view bytes, std::string_view digits) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) append(text, static_cast<std::uint8_t>(c), digits);
  return text;
}

}  // namespace

void append_hex(std::string& out, std::uint8_t byte) {
  append(out, byte, small_digits);
}

std::string to_hex(std::string_view bytes) {
  return in_digits(bytes, small_digits);
}

std::string to_upper_hex(std::string_view bytes) {
  return in_digits(bytes, capital_digits);
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);  // also so that no part of a secret stays where it was smaller
  for (; !text.empty(); text.remove_prefix(2)) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, value, 16);
    if (error != std::errc{} || end != text.data() + 2) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

}  // namespace sluice

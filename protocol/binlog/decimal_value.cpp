#include "protocol/binlog/decimal_value.hpp"

#include <algorithm>
#include <array>

namespace sluice::binlog {
namespace {

// Of a column it is 65. JSON documents have digits in whole groups as well (sql/my_decimal.h,
// DECIMAL_MAX_POSSIBLE_PRECISION).
constexpr unsigned max_precision = 81;
constexpr unsigned max_scale = 38;
constexpr unsigned digits_per_word = 9;
// So many bytes hold so many digits.
constexpr std::array<unsigned, digits_per_word + 1> bytes_of = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

unsigned size_of(unsigned digits) {
  return digits / digits_per_word * 4 + bytes_of[digits % digits_per_word];
}

/// One group of digits, big-endian, with zeros in front; false when it is larger than so many
/// digits.
bool append_digits(Bytes& rest, unsigned digits, std::string& text) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : rest.first(bytes_of[digits])) value = value << 8 | byte;
  rest = rest.subspan(bytes_of[digits]);
  std::string group = std::to_string(value);
  if (group.size() > digits && value != 0) return false;
  text.append(digits - std::min<std::size_t>(digits, group.size()), '0');
  if (digits > 0) text += group;
  return true;
}

}  // namespace

std::string read_decimal_value(Cursor& in, unsigned precision, unsigned decimals) {
  if (precision == 0 || precision > max_precision || decimals > max_scale || decimals > precision) {
    return {};
  }
  const unsigned whole = precision - decimals;
  const Bytes stored = in.take(size_of(whole) + size_of(decimals));
  if (stored.empty()) return {};

  // The first bit is set in positive numbers; all bits of negative ones are inverted.
  const bool negative = (stored[0] & 0x80) == 0;
  Buffer plain(stored.begin(), stored.end());
  plain[0] ^= 0x80;
  if (negative) {
    for (std::uint8_t& byte : plain) byte = static_cast<std::uint8_t>(~byte);
  }

  // The group with fewer digits is the one farthest from the point.
  Bytes rest(plain);
  std::string text;
  bool right = append_digits(rest, whole % digits_per_word, text);
  for (unsigned i = 0; i < whole / digits_per_word; ++i) {
    right = right && append_digits(rest, digits_per_word, text);
  }
  text.erase(0, text.find_first_not_of('0'));
  if (text.empty()) text = "0";
  if (decimals > 0) {
    text += '.';
    for (unsigned i = 0; i < decimals / digits_per_word; ++i) {
      right = right && append_digits(rest, digits_per_word, text);
    }
    right = right && append_digits(rest, decimals % digits_per_word, text);
  }
  return right ? (negative ? "-" : "") + text : std::string();
}

}  // namespace sluice::binlog

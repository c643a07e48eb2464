#include "filters/sql/sql_charset.hpp"

#include <algorithm>
#include <array>

namespace sluice::filters {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}
bool within(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
  return byte >= low && byte <= high;
}
template <std::size_t n>
bool is_one_of(const std::array<std::uint16_t, n>& ids, std::uint16_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Which bytes above 0x7F are blanks: the ctype maps of share/charsets/*.xml, bit 8.
constexpr std::array<std::uint16_t, 34> blank_at_a0 = {
    2,  3,  5,  8,  9,  15, 16, 20, 21, 25, 26, 27, 30, 31, 32, 34, 41,
    42, 44, 47, 48, 49, 64, 66, 69, 70, 71, 77, 78, 79, 92, 93, 94, 99};
constexpr std::array<std::uint16_t, 6> blank_at_ff = {36, 37, 40, 68, 73, 81};

// Collations below 100 whose non-ASCII bytes are UTF-8, or that have none: ascii, utf8mb3, utf8mb4,
// binary. Everything above is Unicode, except gb18030.
constexpr std::array<std::uint16_t, 9> utf8_below_100 = {0, 11, 33, 45, 46, 63, 65, 76, 83};

}  // namespace

// É, ÄÖÅÜ, é and äöåü.
bool SqlCharset::is_letter_of_swe7(char c) {
  return c == '@' || (c >= '[' && c <= '^') || c == '`' || (c >= '{' && c <= '~');
}

SqlCharset::SqlCharset(std::uint16_t collation) {
  // MariaDB numbers the NOPAD twin of a collation 1024 higher.
  const auto id = static_cast<std::uint16_t>(
      collation >= 1024 && collation < 2048 ? collation - 1024 : collation);
  switch (id) {
    case 1:
    case 84:
      form_ = Form::big5;
      break;
    case 13:
    case 88:
    case 95:
    case 96:
      form_ = Form::sjis;
      break;
    case 28:
    case 87:
      form_ = Form::gbk;
      break;
    case 248:
    case 249:
    case 250:
      form_ = Form::gb18030;
      break;
    default:
      break;
  }
  swe7_ = id == 10 || id == 82;
  utf8_ = form_ == Form::plain && (id >= 100 || is_one_of(utf8_below_100, id));
  if (is_one_of(blank_at_a0, id)) high_space_ = 0xA0;
  if (is_one_of(blank_at_ff, id)) high_space_ = 0xFF;
}

// The valid second bytes are those of the servers' strings/ctype-{big5,sjis,cp932,gbk,gb18030}.c: a
// lead byte with another one behind it stands alone.
std::size_t SqlCharset::multibyte_character(std::string_view text) const {
  const std::uint8_t first = byte_at(text, 0);
  const std::uint8_t second = byte_at(text, 1);
  bool pair = false;
  switch (form_) {
    case Form::plain:
      break;
    case Form::big5:
      pair =
          within(first, 0xA1, 0xF9) && (within(second, 0x40, 0x7E) || within(second, 0xA1, 0xFE));
      break;
    case Form::sjis:
      pair = (within(first, 0x81, 0x9F) || within(first, 0xE0, 0xFC)) &&
             (within(second, 0x40, 0x7E) || within(second, 0x80, 0xFC));
      break;
    case Form::gb18030:
      if (within(first, 0x81, 0xFE) && within(second, 0x30, 0x39) &&
          within(byte_at(text, 2), 0x81, 0xFE) && within(byte_at(text, 3), 0x30, 0x39)) {
        return 4;
      }
      [[fallthrough]];
    case Form::gbk:
      pair =
          within(first, 0x81, 0xFE) && (within(second, 0x40, 0x7E) || within(second, 0x80, 0xFE));
      break;
  }
  return pair ? 2 : 1;
}

}  // namespace sluice::filters

#include "protocol/binlog/character_text.hpp"

#include <algorithm>
#include <array>

#include "protocol/utf8.hpp"

namespace sluice::binlog {
namespace {

enum class Encoding { binary, utf8, latin1, ucs2, utf16, utf16le, utf32, ascii_based };

struct Collations {
  std::uint32_t first, last;
  Encoding encoding;
};

// By number (information_schema.COLLATIONS). What is not here is of a character set with ASCII
// below 0x80 if the number is below 100, else of UTF-8.
constexpr Collations known_collations[] = {
    {5, 5, Encoding::latin1},    {8, 8, Encoding::latin1},
    {11, 11, Encoding::utf8},    {15, 15, Encoding::latin1},
    {31, 31, Encoding::latin1},  {33, 33, Encoding::utf8},
    {35, 35, Encoding::ucs2},    {45, 46, Encoding::utf8},
    {47, 49, Encoding::latin1},  {54, 55, Encoding::utf16},
    {56, 56, Encoding::utf16le}, {60, 61, Encoding::utf32},
    {62, 62, Encoding::utf16le}, {63, 63, Encoding::binary},
    {65, 65, Encoding::utf8},    {76, 76, Encoding::utf8},
    {83, 83, Encoding::utf8},    {90, 90, Encoding::ucs2},
    {94, 94, Encoding::latin1},  {101, 124, Encoding::utf16},
    {128, 151, Encoding::ucs2},  {159, 159, Encoding::ucs2},
    {160, 183, Encoding::utf32}, {248, 250, Encoding::ascii_based},  // gb18030
    {640, 642, Encoding::ucs2},  {672, 675, Encoding::utf16},
    {736, 738, Encoding::utf32}, {10, 10, Encoding::binary},  // swe7: ASCII's brackets are letters
    {82, 82, Encoding::binary},
};

/// MariaDB's numbers: 1024 more is the NOPAD twin of a collation; from 2048 on, the UCA-14.0.0
/// ones, have the character set in bits 8 to 10 (strings/ctype-uca1400.c).
Encoding encoding_of(std::uint32_t collation) {
  constexpr std::uint32_t nopad = 1024, uca1400 = 2048;
  if (collation >= uca1400) {
    constexpr std::array<Encoding, 5> by_charset = {Encoding::utf8, Encoding::utf8, Encoding::ucs2,
                                                    Encoding::utf16, Encoding::utf32};
    const std::size_t charset = (collation - uca1400) >> 8;
    return charset < by_charset.size() ? by_charset[charset] : Encoding::binary;
  }
  if (collation >= nopad) collation -= nopad;
  for (const auto& known : known_collations) {
    if (collation >= known.first && collation <= known.last) return known.encoding;
  }
  return collation < 100 ? Encoding::ascii_based : Encoding::utf8;
}

/// MySQL's latin1 is Windows' code page 1252.
std::uint32_t latin1_character(std::uint8_t byte) {
  constexpr std::array<std::uint16_t, 32> from_80 = {
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  return byte >= 0x80 && byte < 0xA0 ? from_80[byte - 0x80U] : byte;
}

std::optional<std::string> wide_text(Bytes stored, std::size_t width, bool little) {
  if (stored.size() % width != 0) return std::nullopt;
  std::string text;
  std::uint32_t lead = 0;  // the first half of a surrogate pair
  for (; !stored.empty(); stored = stored.subspan(width)) {
    std::uint32_t unit = 0;
    for (std::size_t i = 0; i < width; ++i) unit = unit << 8 | stored[little ? width - 1 - i : i];
    if (lead != 0) {
      if (unit < 0xDC00 || unit > 0xDFFF) return std::nullopt;
      append_utf8(text, 0x10000 + ((lead - 0xD800) << 10) + (unit - 0xDC00));
      lead = 0;
    } else if (width == 2 && unit >= 0xD800 && unit < 0xDC00) {
      lead = unit;
    } else {
      append_utf8(text, unit);
    }
  }
  if (lead != 0) return std::nullopt;
  return text;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; });
}

/// Bytes that no text has, but that binary data often has.
bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
  });
}

}  // namespace

std::optional<std::string> character_text(Bytes stored, std::optional<std::uint32_t> collation) {
  const std::string_view text = as_text(stored);
  if (!collation) {
    if (!is_utf8(text) || has_controls(text)) return std::nullopt;
    return std::string(text);
  }
  switch (encoding_of(*collation)) {
    case Encoding::binary:
      return std::nullopt;
    case Encoding::utf8:
      return is_utf8(text) ? std::optional(std::string(text)) : std::nullopt;
    case Encoding::ascii_based:
      return is_ascii(text) ? std::optional(std::string(text)) : std::nullopt;
    case Encoding::latin1: {
      std::string translated;
      for (const std::uint8_t byte : stored) append_utf8(translated, latin1_character(byte));
      return translated;
    }
    case Encoding::ucs2:
    case Encoding::utf16:
      return wide_text(stored, 2, false);
    case Encoding::utf16le:
      return wide_text(stored, 2, true);
    case Encoding::utf32:
      return wide_text(stored, 4, false);
  }
  return std::nullopt;
}

}  // namespace sluice::binlog

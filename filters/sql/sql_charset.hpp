// What a lexer must know of a client character set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::filters {

/// Most sets need no care: their ASCII bytes are ASCII everywhere. Others hide a backslash, a
/// backtick or a letter in the second byte of a character, and swe7 has letters in the places of
/// symbols.
class SqlCharset {
 public:
  SqlCharset() = default;
  /// By collation id, as in QUERY's status variable 4.
  explicit SqlCharset(std::uint16_t collation);

  /// Bytes of the multi-byte character at the front of `text`; 1 if it is none.
  [[nodiscard]] std::size_t character(std::string_view text) const {
    return form_ == Form::plain || static_cast<std::uint8_t>(text.front()) < 0x80
               ? 1
               : multibyte_character(text);
  }
  /// Blanks between tokens; some 8-bit sets have one above 0x7F.
  [[nodiscard]] bool is_space(char c) const {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte == ' ' || (byte >= '\t' && byte <= '\r') || (byte >= 0x80 && byte == high_space_);
  }
  /// Bytes above 0x7F are UTF-8, so names can be compared with configured ones.
  [[nodiscard]] bool is_utf8() const { return utf8_; }
  /// Other bytes of its characters may be ASCII's.
  [[nodiscard]] bool hides_ascii() const { return form_ != Form::plain; }
  /// Whether this byte, where it is no part of a longer character, means what it does in ASCII.
  [[nodiscard]] bool is_ascii(char c) const {
    return static_cast<std::uint8_t>(c) < 0x80 && !(swe7_ && is_letter_of_swe7(c));
  }

 private:
  enum class Form : std::uint8_t { plain, big5, sjis, gbk, gb18030 };
  [[nodiscard]] std::size_t multibyte_character(std::string_view text) const;
  [[nodiscard]] static bool is_letter_of_swe7(char c);

  Form form_ = Form::plain;
  bool utf8_ = true;
  bool swe7_ = false;
  std::uint8_t high_space_ = 0;  // 0: none
};

}  // namespace sluice::filters

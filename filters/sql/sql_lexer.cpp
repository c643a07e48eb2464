#include "filters/sql/sql_lexer.hpp"

#include <algorithm>

namespace sluice::filters {
namespace {

/// MySQL 5.6; MariaDB 10.0 takes this number for its own too.
constexpr std::uint32_t oldest_server = 50600;

bool is_ascii_name_character(char c) {
  return is_alphanumeric(c) || c == '_' || c == '$';
}
bool is_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

bool Token::is(std::string_view keyword) const {
  return kind == TokenKind::word && equal_ignoring_case(text, keyword);
}

Token SqlLexer::next() {
  skip_blanks();
  if (stopped_ == TokenKind::word && at_ >= text_.size()) {
    // A statement whose executable comment is not closed is no statement.
    if (truncated_ || in_executable_comment_) {
      stop();
    } else {
      stopped_ = TokenKind::end;
    }
  }
  if (stopped_ != TokenKind::word) return {stopped_, {}};

  const char c = text_[at_];
  if (c == '\'' || c == '`' || c == '"' || (c == '[' && rules_->brackets)) return quoted(at_);
  if (c == '@') return variable();
  if (c == '.') return dot();
  if (is_digit(c) && at_ != end_of_dot_) return number();
  if (name_character(at_) != 0) return word();
  if (c == '\0' && at_ + 1 == text_.size() && !in_executable_comment_) {
    // Clients that send a C string with its NUL: servers take it for the end, and log it.
    stopped_ = truncated_ ? TokenKind::incomplete : TokenKind::end;
    return {stopped_, {}};
  }
  if (is_control(c) || is_doubtful_symbol()) return invalid();
  return take(TokenKind::symbol, c == '\\' ? 2 : 1);  // \N is NULL
}

// A token that touches the end of a truncated text may go on behind it.
Token SqlLexer::take(TokenKind kind, std::size_t size) {
  if (truncated_ && at_ + size >= text_.size() && kind != TokenKind::name &&
      kind != TokenKind::string) {
    stopped_ = TokenKind::incomplete;
    return {stopped_, {}};
  }
  const Token token{kind, text_.substr(at_, size)};
  at_ += token.text.size();
  if (token.is_name()) end_of_name_ = at_;
  return token;
}

void SqlLexer::skip_blanks() {
  while (stopped_ == TokenKind::word && at_ < text_.size()) {
    const char c = text_[at_];
    if (rules_->charset.is_space(c)) {
      ++at_;
    } else if (c == '#' || (c == '-' && line_comment_starts())) {
      skip_line();
    } else if (c == '/' && at(at_ + 1) == '*') {
      skip_block_comment();
    } else if (in_executable_comment_ && c == '*' && at(at_ + 1) == '/') {
      in_executable_comment_ = false;
      at_ += 2;
    } else {
      return;
    }
  }
}

// `--` needs a blank or a control character behind it; the end of the text counts as one.
bool SqlLexer::line_comment_starts() const {
  if (at(at_ + 1) != '-') return false;
  const char after = at(at_ + 2);
  return rules_->charset.is_space(after) || is_control(after);
}

// Some sets have control characters above ASCII (cp1250, cp850, hebrew, hp8, latin7, macroman), so
// that `--` is a comment there. Nobody takes away minus a column of such a name. What is a letter
// in swe7 belongs to the name beside it. A backslash is nothing, but in \N.
bool SqlLexer::is_doubtful_symbol() const {
  const char c = text_[at_];
  if (!rules_->charset.is_ascii(c)) return true;
  if (c == '\\') return at_ + 1 < text_.size() && text_[at_ + 1] != 'N';
  return c == '-' && at(at_ + 1) == '-' && is_high(at(at_ + 2));
}

void SqlLexer::skip_line() {
  // A NUL ends it too (lex_one_token, MY_LEX_COMMENT), and is then no part of a statement.
  const auto end = text_.find_first_of(std::string_view("\n\0", 2), at_);
  at_ = end == std::string_view::npos ? text_.size() : end;
}

void SqlLexer::skip_block_comment() {
  const CommentHead head = comment_head();
  if (head.size == 0) {
    spoilt_ = is_spoilt_comment();
    if (spoilt_) {
      stopped_ = TokenKind::invalid;
      return;
    }
    at_ += 2;
    skip_comment_text(false);
    return;
  }
  saw_executable_comment_ = true;
  at_ += head.size;
  if (head.executes) {
    in_executable_comment_ = true;
  } else {
    skip_comment_text(head.may_nest);
  }
}

// Masters put a blank in the place of each ! of an executable comment that they leave out. A plain
// one within it they make (* *), or leave as it is (MySQL 5.6, 5.7, 8.0.15); of `/*/` they make
// `(*/`. So the comment may end earlier in the text than it has ended for the master.
bool SqlLexer::is_spoilt_comment() const {
  std::size_t begin = at_ + 2;
  const bool mariadb_syntax = at(begin) == 'M';
  if (mariadb_syntax) ++begin;
  if (at(begin) != ' ') return false;
  const bool reversed = may_be_reversed() && at(begin + 1) == ' ';
  const CommentVersion version = comment_version(begin + (reversed ? 2 : 1), mariadb_syntax);
  if (version.digits == 0 || master_executes(version.number, mariadb_syntax, reversed)) {
    return false;
  }
  const auto end = text_.find("*/", begin);
  if (end == std::string_view::npos) return false;
  const auto body = text_.substr(begin, end - begin);
  return body.ends_with('(') || body.ends_with('/') || body.find("/*") != std::string_view::npos;
}

// consume_comment: an executable comment that is not executed may hold one level of plain ones. To
// MySQL MariaDB's are plain themselves.
void SqlLexer::skip_comment_text(bool may_nest) {
  bool nested = false;
  for (; at_ + 1 < text_.size(); ++at_) {
    const char c = text_[at_];
    const char after = text_[at_ + 1];
    if (may_nest && !nested && c == '/' && after == '*') {
      nested = true;
      ++at_;
    } else if (c == '*' && after == '/') {
      ++at_;
      if (!nested) {
        ++at_;
        return;
      }
      nested = false;
    }
  }
  at_ = text_.size();
  stop();
}

SqlLexer::CommentVersion SqlLexer::comment_version(std::size_t index, bool mariadb_syntax) const {
  std::size_t digits = 0;
  while (digits < 6 && is_digit(at(index + digits))) ++digits;
  // MariaDB always takes a sixth digit, MySQL from 8.1 on, and only with a blank behind it.
  const bool takes_six =
      rules_->mariadb || mariadb_syntax ||
      (rules_->master_version >= first_of_six_digits && rules_->charset.is_space(at(index + 6)));
  if (digits == 6 && !takes_six) digits = 5;
  if (digits < 5) return {};
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    number = number * 10 + static_cast<std::uint32_t>(at(index + i) - '0');
  }
  return {digits, number};
}

SqlLexer::CommentHead SqlLexer::comment_head() const {
  std::size_t end = at_ + 2;
  const bool mariadb_syntax = at(end) == 'M' && at(end + 1) == '!';
  if (mariadb_syntax) ++end;
  if (at(end) != '!') return {};
  ++end;
  const bool reversed = may_be_reversed() && at(end) == '!';
  if (reversed) ++end;
  const auto [digits, version] = comment_version(end, mariadb_syntax);
  end += digits;
  const bool all_execute = reversed ? digits == 0 : !mariadb_syntax && version <= oldest_server;
  // mariadb-dump hides a command for its client so.
  const bool never_executes = mariadb_syntax && version == 999999;
  const bool executes = (rules_->comments == CommentReading::as_code && !never_executes) ||
                        all_execute ||
                        (rules_->comments == CommentReading::by_version &&
                         master_executes(version, mariadb_syntax, reversed));
  return {end - at_, executes, !mariadb_syntax || rules_->mariadb};
}

bool SqlLexer::may_be_reversed() const {
  return rules_->mariadb && rules_->master_version >= first_with_reversed;
}

// MariaDB leaves out what MySQL 5.7 and newer are meant to read.
bool SqlLexer::master_executes(std::uint32_t version, bool mariadb_syntax, bool reversed) const {
  if (reversed) return rules_->master_version < version;
  if (!rules_->mariadb) return !mariadb_syntax && version <= rules_->master_version;
  return version <= rules_->master_version &&
         (mariadb_syntax || version < 50700 || version > 99999);
}

/// Bytes of the character at `index` if a name may hold it unquoted, else 0.
std::size_t SqlLexer::name_character(std::size_t index) const {
  if (index >= text_.size()) return 0;
  const char c = text_[index];
  if (!is_high(c)) return is_ascii_name_character(c) ? 1 : 0;
  if (rules_->charset.is_space(c)) return 0;
  return rules_->charset.character(text_.substr(index));
}

std::size_t SqlLexer::end_of_name_characters(std::size_t index, bool with_dots) const {
  while (true) {
    if (with_dots && at(index) == '.') {
      ++index;
      continue;
    }
    const std::size_t size = name_character(index);
    if (size == 0) return index;
    index += size;
  }
}

// Behind digits servers take one byte of a name and not a character (MY_LEX_NUMBER_IDENT).
bool SqlLexer::is_doubtful_word(std::size_t end) const {
  const auto text = text_.substr(at_, end - at_);
  std::size_t high = 0;
  while (high < text.size() && !is_high(text[high])) ++high;
  if (!is_digit(text.front()) || high == text.size()) return false;
  return end_of_name_characters(at_ + high + 1, false) != end;
}

Token SqlLexer::word() {
  const std::size_t end = end_of_name_characters(at_, false);
  if (rules_->charset.hides_ascii() && is_doubtful_word(end)) {
    at_ = end;  // it has been looked at
    return invalid();
  }
  return take(TokenKind::word, end - at_);
}

// The one that touches a name, or that no digit follows, stands before another part of the name
// (MY_LEX_IDENT, MY_LEX_REAL_OR_POINT).
Token SqlLexer::dot() {
  if (at_ != end_of_name_ && is_digit(at(at_ + 1))) return number();
  end_of_dot_ = at_ + 1;
  return take(TokenKind::symbol, 1);
}

std::size_t SqlLexer::end_of_digits(std::size_t index) const {
  while (is_digit(at(index))) ++index;
  return index;
}

/// Where the exponent that begins at `index` is over; `index` if there is none.
std::size_t SqlLexer::end_of_exponent(std::size_t index) const {
  if (to_upper(at(index)) != 'E') return index;
  const bool has_sign = at(index + 1) == '+' || at(index + 1) == '-';
  const std::size_t digits = index + (has_sign ? 2 : 1);
  return is_digit(at(digits)) ? end_of_digits(digits) : index;
}

// 1, 1.5, 1., .5, 1e-3; a name of digits and letters; 0x1F and 0b1, which end where a name would
// (MY_LEX_NUMBER_IDENT, MY_LEX_INT_OR_REAL, MY_LEX_REAL). A word that touches a number with a dot
// or an exponent is one of its own.
Token SqlLexer::number() {
  std::size_t end = end_of_digits(at_);
  if (at(end) != '.') {
    const std::size_t end_of_float = end_of_exponent(end);
    if (end_of_float == end && name_character(end) != 0) return word();
    return take(TokenKind::number, end_of_float - at_);
  }
  end = end_of_digits(end + 1);
  const std::size_t end_of_float = end_of_exponent(end);
  // Servers take what is behind such an E for the next symbol, whatever it is.
  if (end_of_float == end && to_upper(at(end)) == 'E') return invalid();
  return take(TokenKind::number, end_of_float - at_);
}

/// Where the quoted text that opens at `index` is over; npos if it is not closed, or a name holds a
/// NUL.
std::size_t SqlLexer::end_of_quoted(std::size_t index) const {
  const bool is_name = quotes_name(text_[index]);
  const char quote = closing_quote(text_[index]);
  const bool escapes = !is_name && !rules_->no_backslash_escapes;
  for (++index; index < text_.size();) {
    const char c = text_[index];
    if (is_high(c)) {
      index += rules_->charset.character(text_.substr(index));
    } else if (c == quote) {
      if (at(index + 1) != quote) return index + 1;
      index += 2;
    } else if (c == '\\' && escapes) {
      index += 2;  // one byte is escaped, also if a longer character starts with it
    } else if (c == '\0' && is_name) {
      return std::string_view::npos;
    } else {
      ++index;
    }
  }
  return std::string_view::npos;
}

// MariaDB before 10.6 may take the end of the text for that of a name, too (scan_ident_delimited).
bool SqlLexer::closes_names() const {
  constexpr std::uint32_t first_that_refuses = 100600;
  return rules_->mariadb && rules_->master_version < first_that_refuses && !truncated_;
}

// `quote`: where the quote is: at_, or behind an @.
Token SqlLexer::quoted(std::size_t quote) {
  std::size_t end = end_of_quoted(quote);
  if (end == std::string_view::npos && quote == at_ && quotes_name(text_[quote]) &&
      closes_names() && text_.find('\0', quote) == std::string_view::npos) {
    end = text_.size();
  }
  // Cut right behind a closing quote it may as well be a doubled one.
  if (end == std::string_view::npos || (truncated_ && end >= text_.size())) {
    unclosed_ = !truncated_;
    at_ = text_.size();
    stop();
    return {stopped_, {}};
  }
  const TokenKind kind = quote != at_                ? TokenKind::variable
                         : quotes_name(text_[quote]) ? TokenKind::name
                                                     : TokenKind::string;
  return take(kind, end - at_);
}

// Servers read it byte by byte (MY_LEX_HOSTNAME): a backtick in the second byte of a character ends
// it, and one that is a letter in swe7 does not.
bool SqlLexer::is_doubtful_variable(std::size_t name, std::size_t end) const {
  if (rules_->charset.hides_ascii()) {
    const auto text = text_.substr(name, end - name);
    return std::any_of(text.begin(), text.end(), is_high);
  }
  return !is_high(at(end)) && !rules_->charset.is_ascii(at(end));
}

Token SqlLexer::variable() {
  std::size_t end = at_ + 1;
  if (at(end) == '@') ++end;
  const char c = at(end);
  if (c == '\'' || c == '`' || c == '"') return quoted(end);
  const std::size_t end_of_name = end_of_name_characters(end, true);
  if (!rules_->charset.is_utf8() && is_doubtful_variable(end, end_of_name)) {
    at_ = end_of_name;  // it has been looked at
    return invalid();
  }
  return take(TokenKind::variable, end_of_name - at_);
}

}  // namespace sluice::filters

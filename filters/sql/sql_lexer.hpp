// The lexical rules of MySQL and MariaDB, for statement texts as a binlog holds them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "filters/sql/sql_charset.hpp"
#include "protocol/ascii.hpp"

namespace sluice::filters {

/// How executable comments (`/*! */`, `/*!NNNNN */`, `/*M! */`, `/*M!NNNNNN */`) are read.
enum class CommentReading : std::uint8_t {
  as_code,     ///< every one is code that is for any server
  as_comment,  ///< none is but what every server takes for code, MySQL 5.6 and MariaDB 10.0 too
  by_version,  ///< as the master did
};

/// The first MySQL that takes versions of six digits for such (consume_comment in sql/sql_lex.cc).
constexpr std::uint32_t first_of_six_digits = 80100;

/// The first MariaDB with reversed executable comments, `/*!!NNNNNN */`: code for servers before
/// that version. One that was executed has blanks for digits in the binlog, and every replica
/// executes it (lex_one_token in sql/sql_lex.cc, MDEV-7381 and MDEV-39223).
constexpr std::uint32_t first_with_reversed = 130000;

/// What the session that ran the statement had set, and how its text is to be read.
struct LexRules {
  bool ansi_quotes = false;           ///< sql_mode bit 0x4: "x" is a name
  bool brackets = false;              ///< MariaDB's sql_mode bit 0x400, MSSQL: [x] is a name
  bool no_backslash_escapes = false;  ///< sql_mode bit 1 << 20
  bool mariadb = false;
  CommentReading comments = CommentReading::as_code;
  std::uint32_t master_version = 0;  ///< 80036, 101119; for CommentReading::by_version
  SqlCharset charset;                ///< character_set_client
};

enum class TokenKind : std::uint8_t {
  end,         ///< the text is over
  word,        ///< unquoted: a keyword or a name; also 1a or 0x1F, and 1e1 behind the dot of a name
  name,        ///< `x`, "x" under ANSI_QUOTES, [x] under MSSQL; `x at the end of an old MariaDB's
  string,      ///< 'x', or "x" otherwise; an introducer (_utf8, N, x) is the word before it
  number,      ///< 1, 1.5, .5e-3; what touches it may be the next word
  variable,    ///< @x, @'x', @@x; behind an account's name its @host
  symbol,      ///< one character
  incomplete,  ///< the head of a longer text ends in here: what follows is not known
  invalid,     ///< unterminated, or a byte that no statement has here
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  ///< as written, with quotes

  [[nodiscard]] bool is(char symbol) const {
    return kind == TokenKind::symbol && text.front() == symbol;
  }
  /// A keyword: unquoted, in any case. `keyword` is in capitals.
  [[nodiscard]] bool is(std::string_view keyword) const;
  [[nodiscard]] bool is_name() const { return kind == TokenKind::word || kind == TokenKind::name; }
};

/// What ends a quoted text that begins with it.
[[nodiscard]] constexpr char closing_quote(char opening) {
  return opening == '[' ? ']' : opening;
}

/// Splits a statement into tokens without allocating. A lexer is small: copy it to look ahead.
/// Source: sql/sql_lex.cc (lex_one_token, get_text, consume_comment) of both families.
class SqlLexer {
 public:
  /// `truncated`: `text` is only the head of the statement. `rules` must outlive the lexer.
  SqlLexer(std::string_view text, bool truncated, const LexRules& rules)
      : text_(text), rules_(&rules), truncated_(truncated) {}

  /// The next token; blanks, comments and hints are passed over. Stays at end, incomplete, invalid.
  Token next();

  [[nodiscard]] bool saw_executable_comment() const { return saw_executable_comment_; }
  /// It has ended within quotes, in a text that is there as a whole: to no server is that one.
  [[nodiscard]] bool is_unclosed() const { return unclosed_; }
  /// It has stopped at a comment whose end is not where it was for the master.
  [[nodiscard]] bool is_spoilt() const { return spoilt_; }
  [[nodiscard]] bool is_mariadb() const { return rules_->mariadb; }
  /// How much of the text it has looked at.
  [[nodiscard]] std::size_t bytes_read() const { return at_; }

 private:
  struct CommentHead {
    std::size_t size = 0;  // 0: a plain comment
    bool executes = false;
    bool may_nest = false;
  };
  struct CommentVersion {
    std::size_t digits = 0;  // 0: none
    std::uint32_t number = 0;
  };
  void skip_blanks();
  void skip_line();
  void skip_block_comment();
  [[nodiscard]] bool is_spoilt_comment() const;
  void skip_comment_text(bool may_nest);
  [[nodiscard]] CommentVersion comment_version(std::size_t index, bool mariadb_syntax) const;
  [[nodiscard]] CommentHead comment_head() const;
  [[nodiscard]] bool may_be_reversed() const;
  [[nodiscard]] bool master_executes(std::uint32_t version, bool mariadb_syntax,
                                     bool reversed) const;
  [[nodiscard]] bool line_comment_starts() const;
  [[nodiscard]] bool is_doubtful_symbol() const;
  [[nodiscard]] bool is_doubtful_variable(std::size_t name, std::size_t end) const;
  [[nodiscard]] bool is_doubtful_word(std::size_t end) const;
  [[nodiscard]] std::size_t name_character(std::size_t index) const;
  [[nodiscard]] std::size_t end_of_name_characters(std::size_t index, bool with_dots) const;
  [[nodiscard]] bool quotes_name(char quote) const {
    return quote == '`' || quote == '[' || (quote == '"' && rules_->ansi_quotes);
  }
  [[nodiscard]] std::size_t end_of_quoted(std::size_t index) const;
  [[nodiscard]] bool closes_names() const;
  Token quoted(std::size_t quote);
  Token variable();
  Token word();
  Token dot();
  Token number();
  [[nodiscard]] std::size_t end_of_digits(std::size_t index) const;
  [[nodiscard]] std::size_t end_of_exponent(std::size_t index) const;
  Token take(TokenKind kind, std::size_t size);
  Token invalid() {
    stopped_ = TokenKind::invalid;
    return {stopped_, {}};
  }
  void stop() { stopped_ = truncated_ ? TokenKind::incomplete : TokenKind::invalid; }

  [[nodiscard]] char at(std::size_t index) const {
    return index < text_.size() ? text_[index] : '\0';
  }

  std::string_view text_;
  const LexRules* rules_;
  std::size_t at_ = 0;
  std::size_t end_of_name_ = std::string_view::npos;  // of the last one
  std::size_t end_of_dot_ = std::string_view::npos;   // of the last one: what touches it is a name
  bool truncated_;
  bool in_executable_comment_ = false;
  bool saw_executable_comment_ = false;
  bool spoilt_ = false;
  bool unclosed_ = false;
  TokenKind stopped_ = TokenKind::word;  // end, incomplete or invalid once it has stopped
};

}  // namespace sluice::filters

// Reads a statement token by token, as far as its targets go.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "filters/sql/sql_lexer.hpp"

namespace sluice::filters {

/// As written: table, schema.table or .table. Without a schema, `schema` is Token{} (end).
struct TableName {
  Token schema;
  Token table;
  [[nodiscard]] bool has_schema() const { return schema.is_name(); }
};

/// Room to take the quotes off a name. No name of a server is longer than 64 characters.
using NameBuffer = std::array<char, std::size_t{64} * 4>;

/// The name that a token stands for; nullopt if it is longer than a name can be.
[[nodiscard]] std::optional<std::string_view> unquoted(const Token& token, NameBuffer& buffer);
[[nodiscard]] bool same_name(const Token& a, const Token& b);

/// The functions that return bool return false where the statement is not what they read; the token
/// at fault is then token(). One that is `incomplete` means that more of the text may help.
class StatementReader {
 public:
  StatementReader(std::string_view text, bool truncated, const LexRules& rules)
      : lexer_(text, truncated, rules), token_(lexer_.next()) {}

  [[nodiscard]] const Token& token() const { return token_; }
  [[nodiscard]] Token peek() const {
    SqlLexer ahead = lexer_;
    return ahead.next();
  }
  void advance() { token_ = lexer_.next(); }
  /// The statement is over: the end of the text, or a semicolon.
  [[nodiscard]] bool at_end() const { return token_.kind == TokenKind::end || token_.is(';'); }
  [[nodiscard]] bool is_stuck() const {
    return token_.kind == TokenKind::incomplete || token_.kind == TokenKind::invalid;
  }
  [[nodiscard]] bool saw_executable_comment() const { return lexer_.saw_executable_comment(); }
  [[nodiscard]] bool is_spoilt() const { return lexer_.is_spoilt(); }
  [[nodiscard]] std::size_t bytes_read() const { return lexer_.bytes_read(); }

  bool accept(std::string_view keyword) { return advance_if(token_.is(keyword)); }
  bool accept(char symbol) { return advance_if(token_.is(symbol)); }

  /// IF EXISTS, IF NOT EXISTS. Returns whether it was there.
  bool skip_if_exists();
  /// The words of MariaDB count, not those of MySQL.
  [[nodiscard]] bool is_mariadb() const { return lexer_.is_mariadb(); }

  /// One token; or, as keywords are none there, a dot and what is behind it; or a whole (...).
  [[nodiscard]] bool skip();
  /// Skips to the keyword, outside of parentheses, and takes it.
  [[nodiscard]] bool skip_past(std::string_view keyword);
  /// The same over expressions, where two dashes are no comment.
  [[nodiscard]] bool skip_expressions_past(std::string_view keyword);
  /// Behind MATCH, whose columns need no parentheses, to what they are to match.
  [[nodiscard]] bool skip_match();
  /// At two of them, which may be a comment. Only expressions have them.
  [[nodiscard]] bool at_dashes() const;
  [[nodiscard]] bool table_name(TableName& name);

 private:
  bool advance_if(bool condition) {
    if (condition) advance();
    return condition;
  }
  [[nodiscard]] bool skip_parentheses();

  SqlLexer lexer_;
  Token token_;
};

}  // namespace sluice::filters

// The words of a replica's question.
#pragma once

#include <string_view>

namespace sluice::wire {

struct Token {
  enum class Kind {
    word,             // a keyword or a name
    quoted_name,      // without its backquotes
    number,           // digits
    string,           // without its quotes
    user_variable,    // without the @
    system_variable,  // without the @@ and the scope
    symbol,           // ( ) , = ; or :=
    end,
    invalid,  // anything else: comments, escapes, bytes beyond ASCII, what is not closed
  };
  Kind kind = Kind::end;
  std::string_view text;
  std::string_view scope;  // of a system variable: "global", "session", "local" or empty
};

/// Cuts a statement into tokens, stricter than a server does: no comments, no escapes in strings,
/// no bytes beyond ASCII. So it needs to know neither sql_mode nor character set to be right.
class QuestionLexer {
 public:
  explicit QuestionLexer(std::string_view text) : rest_(text) { advance(); }

  /// The current token. After `invalid` it stays there.
  [[nodiscard]] const Token& token() const { return token_; }
  void advance();

  /// Takes the current token if it is that word, that symbol.
  bool accept_word(std::string_view word);
  bool accept_symbol(std::string_view symbol);

 private:
  Token next();
  Token quoted(char quote, Token::Kind kind);
  Token variable();
  std::string_view take(std::size_t size);
  std::string_view take_name();

  std::string_view rest_;
  Token token_;
};

}  // namespace sluice::wire

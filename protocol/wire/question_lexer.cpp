#include "protocol/wire/question_lexer.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace sluice::wire {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view single_symbols = "(),=;";

constexpr bool is_name(char c) {
  return is_alphanumeric(c) || c == '_';
}
/// What may stand in a string: printable ASCII without the backslash.
constexpr bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '\\';
}

constexpr Token invalid{Token::Kind::invalid, {}, {}};

}  // namespace

void QuestionLexer::advance() {
  if (token_.kind != Token::Kind::invalid) token_ = next();
}

bool QuestionLexer::accept_word(std::string_view word) {
  if (token_.kind != Token::Kind::word || !equal_ignoring_case(token_.text, word)) return false;
  advance();
  return true;
}

bool QuestionLexer::accept_symbol(std::string_view symbol) {
  if (token_.kind != Token::Kind::symbol || token_.text != symbol) return false;
  advance();
  return true;
}

Token QuestionLexer::next() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
  if (rest_.empty()) return {};
  const char c = rest_.front();
  if (c == '\'' || c == '"') return quoted(c, Token::Kind::string);
  if (c == '`') return quoted(c, Token::Kind::quoted_name);
  if (c == '@') return variable();
  if (rest_.starts_with(":=")) return {Token::Kind::symbol, take(2), {}};
  if (single_symbols.find(c) != std::string_view::npos) return {Token::Kind::symbol, take(1), {}};
  if (!is_name(c)) return invalid;
  const auto name = take_name();
  if (std::all_of(name.begin(), name.end(), is_digit)) return {Token::Kind::number, name, {}};
  return is_digit(c) ? invalid : Token{Token::Kind::word, name, {}};
}

Token QuestionLexer::quoted(char quote, Token::Kind kind) {
  const auto close = rest_.find(quote, 1);
  if (close == std::string_view::npos) return invalid;
  const auto text = rest_.substr(1, close - 1);
  rest_.remove_prefix(close + 1);
  // A doubled quote, or a string behind a string, would be one text to the server.
  if (!rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"' || rest_.front() == '`')) {
    return invalid;
  }
  return std::all_of(text.begin(), text.end(), is_plain) ? Token{kind, text, {}} : invalid;
}

Token QuestionLexer::variable() {
  take(1);
  const bool system = rest_.starts_with('@');
  if (system) take(1);
  auto name = take_name();
  if (name.empty()) return invalid;
  if (!system) {
    return rest_.starts_with('.') ? invalid : Token{Token::Kind::user_variable, name, {}};
  }
  std::string_view scope;
  if (rest_.starts_with('.')) {
    take(1);
    scope = name;
    name = take_name();
    if (name.empty() || rest_.starts_with('.')) return invalid;
  }
  return {Token::Kind::system_variable, name, scope};
}

std::string_view QuestionLexer::take(std::size_t size) {
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::string_view QuestionLexer::take_name() {
  const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), is_name);
  return take(static_cast<std::size_t>(end - rest_.begin()));
}

}  // namespace sluice::wire

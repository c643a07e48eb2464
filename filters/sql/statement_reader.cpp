#include "filters/sql/statement_reader.hpp"

namespace sluice::filters {
namespace {

/// Reserved in all versions, so without quotes these are no tables but what comes behind one that
/// is missing, as it does when an executable comment is left out.
bool is_clause(const Token& token) {
  return token.is("VALUES") || token.is("SELECT") || token.is("SET") || token.is("FROM") ||
         token.is("WHERE") || token.is("TO") || token.is("USING");
}

}  // namespace

std::optional<std::string_view> unquoted(const Token& token, NameBuffer& buffer) {
  if (token.kind != TokenKind::name) {
    if (token.text.size() > buffer.size()) return std::nullopt;
    return token.text;
  }
  const char quote = closing_quote(token.text.front());
  auto inner = token.text.substr(1);
  if (inner.ends_with(quote)) inner.remove_suffix(1);  // the end of the text may have closed it
  if (inner.find(quote) == std::string_view::npos) {
    if (inner.size() > buffer.size()) return std::nullopt;
    return inner;
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (size == buffer.size()) return std::nullopt;
    buffer[size++] = inner[i];
    // A quote that is the second byte of a character is not doubled.
    if (inner[i] == quote && i + 1 < inner.size() && inner[i + 1] == quote) ++i;
  }
  return std::string_view(buffer.data(), size);
}

bool same_name(const Token& a, const Token& b) {
  NameBuffer buffer_a;
  NameBuffer buffer_b;
  const auto name_a = unquoted(a, buffer_a);
  const auto name_b = unquoted(b, buffer_b);
  return name_a && name_b && equal_ignoring_case(*name_a, *name_b);
}

bool StatementReader::skip_if_exists() {
  if (!token_.is("IF")) return false;
  const Token next = peek();
  if (!next.is("EXISTS") && !next.is("NOT")) return false;
  advance();
  accept("NOT");
  accept("EXISTS");
  return true;
}

bool StatementReader::skip_parentheses() {
  std::size_t depth = 0;
  do {
    if (token_.is('(')) ++depth;
    if (token_.is(')')) --depth;
    if (is_stuck() || token_.kind == TokenKind::end) return false;
    advance();
  } while (depth != 0);
  return true;
}

bool StatementReader::skip() {
  if (token_.is('(')) return skip_parentheses();
  if (is_stuck() || at_end()) return false;
  const bool dot = token_.is('.');
  advance();
  if (dot && token_.is_name()) advance();
  return true;
}

bool StatementReader::at_dashes() const {
  if (!token_.is('-')) return false;
  const Token next = peek();
  return next.is('-') && next.text.data() == token_.text.data() + 1;
}

bool StatementReader::skip_past(std::string_view keyword) {
  while (!accept(keyword)) {
    if (at_dashes() || !skip()) return false;
  }
  return true;
}

bool StatementReader::skip_expressions_past(std::string_view keyword) {
  while (!accept(keyword)) {
    if (!skip()) return false;
  }
  return true;
}

bool StatementReader::skip_match() {
  // A column may be called AGAINST.
  while (!token_.is("AGAINST") || !peek().is('(')) {
    if (at_dashes() || !skip()) return false;
  }
  advance();
  return true;
}

bool StatementReader::table_name(TableName& name) {
  name = {};
  if (!token_.is('.')) {
    if (!token_.is_name() || is_clause(token_)) return false;
    name.table = token_;
    advance();
  }
  // DELETE t.* FROM .. has a dot that belongs to no name.
  while (token_.is('.')) {
    const Token next = peek();
    if (next.is('*')) break;
    if (!next.is_name()) {
      advance();
      return false;
    }
    if (name.has_schema()) return false;
    name.schema = name.table;
    name.table = next;
    advance();
    advance();
  }
  // Cut behind the name, a dot may follow.
  return !is_stuck();
}

}  // namespace sluice::filters

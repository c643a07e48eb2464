#include "filters/sql/statement_transaction.hpp"

#include "filters/sql/sql_lexer.hpp"

namespace sluice::filters {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// ROLLBACK [WORK] TO [SAVEPOINT] x. MariaDB logs it as the user wrote it.
TransactionControl rollback_of(std::string_view text) {
  const LexRules rules;
  SqlLexer lexer(text, false, rules);
  lexer.next();
  Token token = lexer.next();
  if (token.is("WORK")) token = lexer.next();
  // Servers write the end of a transaction themselves, and no more than that. What may be a comment
  // in the client's character set stands before a TO.
  return token.kind == TokenKind::end || token.is("AND") || token.is("NO") || token.is("RELEASE")
             ? TransactionControl::rollback
             : TransactionControl::rollback_to;
}

}  // namespace

TransactionControl transaction_control(std::string_view text) {
  using enum TransactionControl;
  if (text.empty()) return none;
  switch (text.front()) {
    case 'B':
    case 'b':
      return text == "BEGIN" ? begin : none;
    case 'C':
    case 'c':
      return text == "COMMIT" ? commit : none;
    case 'R':
    case 'r':
      if (starts_with(text, "ROLLBACK")) return rollback_of(text);
      return starts_with(text, "RELEASE ") ? savepoint : none;
    case 'S':
    case 's':
      return starts_with(text, "SAVEPOINT") ? savepoint : none;
    case 'X':
    case 'x':
      if (starts_with(text, "XA START") || starts_with(text, "XA BEGIN")) return xa_start;
      if (starts_with(text, "XA END")) return xa_end;
      if (starts_with(text, "XA PREPARE")) return xa_prepare;
      if (starts_with(text, "XA COMMIT")) return xa_commit;
      if (starts_with(text, "XA ROLLBACK")) return xa_rollback;
      return none;
    default:
      return none;
  }
}

}  // namespace sluice::filters

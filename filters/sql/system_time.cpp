#include "filters/sql/system_time.hpp"

namespace sluice::filters {
namespace {

void skip_signs(StatementReader& reader) {
  while (reader.accept('-') || reader.accept('+') || reader.accept('~')) {
  }
}

/// (x), x.y, f(x), 1.5, or TIMESTAMP 'x'.
bool skip_operand(StatementReader& reader) {
  const Token first = reader.token();
  if (first.is('(')) return reader.skip();
  if (first.kind == TokenKind::symbol || first.is("CASE") || !reader.skip()) return false;
  while (reader.token().is('.') || (first.is_name() && reader.token().is('(')) ||
         reader.token().kind == TokenKind::string) {
    if (!reader.skip()) return false;
  }
  return true;
}

bool skip_value(StatementReader& reader) {
  skip_signs(reader);
  if (!reader.accept("INTERVAL")) return skip_operand(reader);
  skip_signs(reader);
  if (!skip_operand(reader)) return false;
  const bool has_unit = reader.token().kind == TokenKind::word;  // INTERVAL x DAY
  reader.advance();
  return has_unit;
}

/// << or >>.
bool shift(StatementReader& reader) {
  return (reader.accept('<') && reader.accept('<')) || (reader.accept('>') && reader.accept('>'));
}

/// A point in time, or [TRANSACTION] and the number of one.
bool skip_point(StatementReader& reader) {
  if (reader.token().is("TRANSACTION") && !reader.peek().is('(')) reader.advance();
  do {
    if (!skip_value(reader)) return false;
  } while (reader.accept('-') || reader.accept('+') || reader.accept('*') || reader.accept('/') ||
           reader.accept('%') || reader.accept("DIV") || reader.accept("MOD") ||
           reader.accept('|') || reader.accept('&') || reader.accept('^') ||
           ((reader.token().is('<') || reader.token().is('>')) && shift(reader)));
  return true;
}

}  // namespace

bool skip_system_time(StatementReader& reader) {
  if (!reader.accept("FOR") || !reader.accept("SYSTEM_TIME")) return false;
  if (reader.accept("ALL")) return true;
  if (reader.accept("AS")) return reader.accept("OF") && skip_point(reader);
  const bool between = reader.accept("BETWEEN");
  if (!between && !reader.accept("FROM")) return false;
  return skip_point(reader) && reader.accept(between ? "AND" : "TO") && skip_point(reader);
}

}  // namespace sluice::filters

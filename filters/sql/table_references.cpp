#include "filters/sql/table_references.hpp"

#include <algorithm>
#include <string_view>

#include "filters/sql/system_time.hpp"

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

// What may stand behind a table that has no alias.
constexpr std::array not_aliases = {
    "SET"sv,           "JOIN"sv,  "INNER"sv, "LEFT"sv,   "RIGHT"sv,  "CROSS"sv,
    "NATURAL"sv,       "ON"sv,    "USING"sv, "USE"sv,    "FORCE"sv,  "IGNORE"sv,
    "PARTITION"sv,     "WHERE"sv, "ORDER"sv, "LIMIT"sv,  "FOR"sv,    "UNION"sv,
    "STRAIGHT_JOIN"sv, "GROUP"sv, "FROM"sv,  "HAVING"sv, "EXCEPT"sv, "INTERSECT"sv};

bool is_one_of(const Token& token, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return token.is(word); });
}

/// Reserved by MariaDB; to MySQL it is a name like others.
bool at_returning(const StatementReader& reader) {
  return reader.is_mariadb() && reader.token().is("RETURNING");
}

/// ((SELECT ..) UNION SELECT .., ..), ((SELECT ..) ORDER BY .., ..), ((SELECT ..) FOR UPDATE OF
/// ..).
bool goes_on_with_query(const StatementReader& reader) {
  const Token& token = reader.token();
  if (token.is("UNION") || token.is("ORDER") || token.is("LIMIT") || token.is("FOR")) return true;
  if (!token.is("EXCEPT") && !token.is("INTERSECT") && !token.is("MINUS")) return false;
  const Token next = reader.peek();  // else an alias
  return next.is('(') || next.is("SELECT") || next.is("ALL") || next.is("DISTINCT") ||
         next.is("VALUES") || next.is("TABLE") || next.is("WITH");
}

bool starts_query(const Token& token) {
  return token.is("SELECT") || token.is("WITH") || token.is("VALUES") || token.is("TABLE");
}

}  // namespace

Token read_alias(StatementReader& reader) {
  const bool as = reader.accept("AS");
  const Token token = reader.token();
  if (!token.is_name() || (!as && is_one_of(token, not_aliases))) return {};
  if (!as && at_returning(reader)) return {};
  // No server has FULL JOIN: there it is an alias.
  if (!as && token.is("FULL") && reader.peek().is("OUTER")) return {};
  reader.advance();
  return token;
}

bool at_clause(const StatementReader& reader) {
  const Token& token = reader.token();
  return reader.at_end() || token.is("WHERE") || token.is("ORDER") || token.is("LIMIT") ||
         at_returning(reader);
}

bool TableReferences::read(StatementReader& reader) {
  Place place;
  while (true) {
    if (place.want_factor) {
      if (!read_factor(reader, place)) return false;
    } else if (place.depth == 0 && (reader.token().is("SET") || at_clause(reader))) {
      return true;
    } else if (!read_between(reader, place)) {
      return false;
    }
  }
}

bool TableReferences::read_factor(StatementReader& reader, Place& place) {
  if (reader.accept('(')) {
    ++place.depth;
    return true;
  }
  if (reader.accept('{')) {  // { OJ t1 LEFT OUTER JOIN t2 ON .. }
    reader.advance();
    return true;
  }
  // Where it is not reserved it is the name of a table.
  if (reader.token().is("LATERAL") && reader.peek().is('(')) {
    reader.advance();
    return true;
  }
  place.want_factor = false;
  place.in_condition = false;
  if (place.depth > 0 && starts_query(reader.token())) {
    has_derived_ = true;
    while (!reader.token().is(')')) {
      if (!reader.skip()) return false;
    }
    return true;
  }
  if (reader.token().kind == TokenKind::word && reader.peek().is('(')) {  // JSON_TABLE(..)
    has_derived_ = true;
    reader.advance();
    if (!reader.skip()) return false;
    static_cast<void>(read_alias(reader));
    return true;
  }
  return read_table(reader);
}

bool TableReferences::read_table(StatementReader& reader) {
  if (count_ == references_.size()) return false;
  TableReference& reference = references_[count_];
  if (!reader.table_name(reference.name)) return false;
  if (reader.accept("PARTITION") && !reader.skip()) return false;
  if (reader.token().is("FOR") && reader.peek().is("SYSTEM_TIME") && !skip_system_time(reader)) {
    return false;
  }
  reference.alias = read_alias(reader);
  ++count_;
  return true;
}

// Join conditions and hints, up to the next table.
bool TableReferences::read_between(StatementReader& reader, Place& place) {
  if (reader.accept("MATCH")) {
    place.in_condition = true;
    return reader.skip_match();
  }
  if (reader.accept(',') || reader.accept("JOIN") || reader.accept("STRAIGHT_JOIN")) {
    place.want_factor = true;
    return true;
  }
  if (reader.accept("FOR")) {  // USE INDEX FOR JOIN (i); FOR PORTION OF p FROM expression ..
    place.in_condition = true;
    return reader.skip();
  }
  if (reader.accept(')')) {
    if (place.depth == 0) return false;
    --place.depth;
    place.in_condition = false;
    if (place.depth > 0 && goes_on_with_query(reader)) {
      has_derived_ = true;
      while (!reader.token().is(')')) {
        if (!reader.skip()) return false;
      }
      return true;
    }
    static_cast<void>(read_alias(reader));
    return true;
  }
  // RIGHT(x, 1) is a function.
  has_right_join_ = has_right_join_ || (reader.token().is("RIGHT") && !reader.peek().is('('));
  place.in_condition = place.in_condition || reader.token().is("ON");
  if (!place.in_condition && reader.at_dashes()) return false;
  return reader.skip();
}

bool TableReferences::same_schema(const Token& a, const Token& b) const {
  if (a.is_name() && b.is_name()) return same_name(a, b);
  if (!a.is_name() && !b.is_name()) return true;
  const Token& named = a.is_name() ? a : b;
  return same_name(named, Token{TokenKind::word, default_schema_});
}

const TableReference* TableReferences::of_column(const TableName& name) const {
  return only_one([&](const TableReference& reference) {
    const Token& known_as = reference.alias.is_name() ? reference.alias : reference.name.table;
    return same_name(known_as, name.table) &&
           (!name.has_schema() || same_schema(reference.name.schema, name.schema));
  });
}

const TableReference* TableReferences::of_delete(const TableName& name) const {
  return only_one([&](const TableReference& reference) {
    if (reference.alias.is_name()) {
      return !name.has_schema() && same_name(reference.alias, name.table);
    }
    return same_name(reference.name.table, name.table) &&
           same_schema(reference.name.schema, name.schema);
  });
}

}  // namespace sluice::filters

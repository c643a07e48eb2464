#include "filters/sql/statement_judge.hpp"

#include <algorithm>
#include <array>

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

constexpr auto not_in_text = "what it changes is not in its text"sv;
constexpr auto writes_system_schema =
    "it changes a table that is kept and the system schema, and the servers would apply it"sv;

// What may stand between CREATE, ALTER or DROP and the kind of object, as in OR REPLACE, FULLTEXT
// INDEX, SPATIAL REFERENCE SYSTEM, AGGREGATE FUNCTION, JSON RELATIONAL DUALITY VIEW.
constexpr std::array modifiers = {
    "OR"sv,     "REPLACE"sv, "TEMPORARY"sv, "UNIQUE"sv,     "FULLTEXT"sv, "SPATIAL"sv,
    "VECTOR"sv, "ONLINE"sv,  "OFFLINE"sv,   "IGNORE"sv,     "UNDO"sv,     "AGGREGATE"sv,
    "JSON"sv,   "DUALITY"sv, "EXTERNAL"sv,  "RELATIONAL"sv, "GLOBAL"sv,   "MATERIALIZED"sv};

bool is_modifier(const Token& token) {
  return std::any_of(modifiers.begin(), modifiers.end(),
                     [&](std::string_view word) { return token.is(word); });
}

bool is_definition(const Token& verb) {
  return verb.is("CREATE") || verb.is("ALTER") || verb.is("DROP");
}

/// DEFINER = user, in every form a user can be written.
bool skip_definer(StatementReader& reader) {
  if (!reader.accept('=')) return false;
  reader.advance();  // 'name', `name`, name, CURRENT_USER
  if (reader.token().is('(')) return reader.skip();
  // A blank behind the @ is the end of a host without a name (MY_LEX_HOSTNAME).
  if (reader.token().kind == TokenKind::variable) reader.advance();
  return true;
}

/// ALGORITHM = x.
bool skip_assigned(StatementReader& reader) {
  if (!reader.accept('=')) return false;
  reader.advance();
  return true;
}

}  // namespace

StatementJudgement StatementJudge::failure(StatementKind kind) const {
  if (reader_.token().kind == TokenKind::incomplete) return {StatementVerdict::need_more, kind, {}};
  return {StatementVerdict::undecidable, kind, reader_.is_spoilt() ? spoilt : not_understood};
}

StatementJudgement StatementJudge::verdict(StatementKind kind) const {
  if (!reason_.empty()) return {StatementVerdict::undecidable, kind, reason_};
  const bool mixed = drops_some_ && keeps_some_;
  auto decided = decided_.value_or(
      drops_some_ && rules_.has_only() ? TableRules::Dropped(DropRule::only) : std::nullopt);
  if (always_applied_ && mixed) decided = std::nullopt;
  if (!decided && changes_system_schema_ && !always_applied_) {
    if (rule_of(kind).rule != StatementRule::maintenance) {
      return {StatementVerdict::undecidable, kind, writes_system_schema, {}, mixed};
    }
    decided = DropRule::system_schema;
  }
  return {decided ? StatementVerdict::drop : StatementVerdict::keep, kind, {}, decided, mixed};
}

StatementJudgement StatementJudge::judge() {
  while (reader_.accept('(')) {  // (SELECT ..) UNION (SELECT ..)
  }
  if (reader_.at_end()) return {StatementVerdict::keep, StatementKind::empty, {}};
  if (skip_prefixes() == Read::failed) return failure(StatementKind::unknown);

  const Token verb = reader_.token();
  if (verb.kind != TokenKind::word) return failure(StatementKind::unknown);
  if (verb.is("FLUSH")) return flush();
  Token object;
  if (is_definition(verb)) {
    reader_.advance();
    drops_temporary_ = verb.is("DROP") && reader_.token().is("TEMPORARY");
    if (skip_modifiers() == Read::failed) return failure(StatementKind::unknown);
    object = reader_.token();
  } else {
    object = reader_.peek();
    // SET alone is not judged as SET PASSWORD is, so it must be known which.
    if (object.kind == TokenKind::incomplete && verb.is("SET")) reader_.advance();
  }
  if (reader_.is_stuck()) return failure(StatementKind::unknown);
  const bool has_object = object.kind == TokenKind::word;
  const KindRule* row = find_kind(verb.text, has_object ? object.text : std::string_view{});
  if (row == nullptr) {
    if (!is_definition(verb)) reader_.advance();
    return failure(StatementKind::unknown);
  }
  reader_.advance();
  if (!is_definition(verb) && row->words.find(' ') != std::string_view::npos) reader_.advance();
  return apply(row->kind);
}

/// What may stand before the verb that counts: WITH x AS (..), and in MariaDB SET STATEMENT .. FOR
/// and ANALYZE [FORMAT = x], which runs the statement.
StatementJudge::Read StatementJudge::skip_prefixes() {
  while (true) {
    const Token token = reader_.token();
    if (token.is("SET") && reader_.peek().is("STATEMENT")) {
      if (!reader_.skip_expressions_past("FOR")) return Read::failed;
    } else if (token.is("WITH")) {
      if (skip_with() == Read::failed) return Read::failed;
    } else if (token.is("ANALYZE")) {
      const Token next = reader_.peek();
      if (!next.is_name() || is_table_keyword(next) || next.is("LOCAL") ||
          next.is("NO_WRITE_TO_BINLOG")) {
        return Read::done;
      }
      reader_.advance();
      if (reader_.accept("FORMAT") && !skip_assigned(reader_)) return Read::failed;
    } else {
      return Read::done;
    }
  }
}

StatementJudge::Read StatementJudge::skip_with() {
  has_ctes_ = true;
  reader_.advance();
  reader_.accept("RECURSIVE");
  do {
    // name [(columns)] AS (query) [CYCLE columns RESTRICT]
    if (!reader_.skip_past("AS") || !reader_.token().is('(') || !reader_.skip()) {
      return Read::failed;
    }
    if (reader_.accept("CYCLE") && !reader_.skip_past("RESTRICT")) return Read::failed;
  } while (reader_.accept(','));
  return Read::done;
}

StatementJudge::Read StatementJudge::skip_modifiers() {
  while (true) {
    bool understood = true;
    if (is_modifier(reader_.token())) {
      reader_.advance();
    } else if (reader_.accept("DEFINER")) {
      understood = skip_definer(reader_);
    } else if (reader_.accept("ALGORITHM")) {
      understood = skip_assigned(reader_);
    } else if (reader_.accept("SQL")) {  // SECURITY DEFINER
      understood = reader_.accept("SECURITY");
      reader_.advance();
    } else {
      return Read::done;
    }
    if (!understood) return Read::failed;
  }
}

StatementJudgement StatementJudge::apply(StatementKind kind) {
  if (kind == StatementKind::create_function) return create_function();
  if (kind == StatementKind::drop_function) return drop_function();
  if (kind == StatementKind::alter_tablespace) return alter_tablespace();
  switch (rule_of(kind).rule) {
    case StatementRule::keep:
      if (kind == StatementKind::select) break;
      return {StatementVerdict::keep, kind, {}};
    case StatementRule::accounts:
      count(rules_.drops_accounts());
      return verdict(kind);
    case StatementRule::refuse:
      return {StatementVerdict::undecidable, kind, not_in_text};
    default:
      break;
  }
  return read_targets(kind) == Read::done ? verdict(kind) : failure(kind);
}

StatementJudge::Read StatementJudge::read_targets(StatementKind kind) {
  switch (kind) {
    case StatementKind::insert:
    case StatementKind::replace:
      return insert();
    case StatementKind::update:
      return update();
    case StatementKind::delete_rows:
      return delete_rows();
    case StatementKind::load_data:
      return load();
    case StatementKind::alter_table:
      return alter_table();
    case StatementKind::rename_table:
      return rename_list();
    case StatementKind::create_index:
    case StatementKind::drop_index:
    case StatementKind::create_trigger:
      return table_behind_on();
    case StatementKind::truncate:
      reader_.accept("TABLE");
      return table();
    case StatementKind::alter_database:
      return schema(true);
    case StatementKind::select:
      return select();
    default:
      break;
  }
  switch (rule_of(kind).rule) {
    case StatementRule::schema:
      return schema(false);
    case StatementRule::program:
      return program(kind);
    case StatementRule::tables:
      return table_list();
    case StatementRule::maintenance:
      return maintenance_list();
    default:
      return table();
  }
}

}  // namespace sluice::filters

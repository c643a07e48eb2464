#include "filters/statement_judge.hpp"

#include <algorithm>
#include <array>

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

constexpr auto mixed = "it changes both what is dropped and what is kept"sv;
constexpr auto not_in_text = "what it changes is not in its text"sv;
constexpr auto no_schema = "it names a table without a schema, and has no default schema"sv;
constexpr auto other_charset =
    "a name has characters outside ASCII in a character set that is not UTF-8"sv;
constexpr auto long_name = "a name is longer than a name can be"sv;

// Between CREATE, ALTER or DROP and the kind of object. OR REPLACE, FULLTEXT INDEX, SPATIAL REFERENCE
// SYSTEM, ONLINE TABLE, AGGREGATE FUNCTION, UNDO TABLESPACE, JSON RELATIONAL DUALITY VIEW ..
constexpr std::array modifiers = {
    "OR"sv,     "REPLACE"sv, "TEMPORARY"sv, "UNIQUE"sv,    "FULLTEXT"sv, "SPATIAL"sv,
    "VECTOR"sv, "ONLINE"sv,  "OFFLINE"sv,   "IGNORE"sv,    "UNDO"sv,     "AGGREGATE"sv,
    "JSON"sv,   "DUALITY"sv, "EXTERNAL"sv,  "RELATIONAL"sv, "GLOBAL"sv,  "MATERIALIZED"sv};

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
  if (reader.token().kind != TokenKind::variable) return true;
  const bool host_apart = reader.token().text == "@";
  reader.advance();
  if (host_apart) reader.advance();
  return true;
}

/// ALGORITHM = x.
bool skip_assigned(StatementReader& reader) {
  if (!reader.accept('=')) return false;
  reader.advance();
  return true;
}

bool skip_local(StatementReader& reader) {
  return reader.accept("NO_WRITE_TO_BINLOG") || reader.accept("LOCAL");
}

bool is_table_keyword(const Token& token) {
  return token.is("TABLE") || token.is("TABLES") || token.is("VIEW");
}

}  // namespace

StatementJudgement StatementJudge::failure(StatementKind kind) const {
  if (reader_.token().kind == TokenKind::incomplete) return {StatementVerdict::need_more, kind, {}};
  return {StatementVerdict::undecidable, kind, not_understood};
}

StatementJudgement StatementJudge::verdict(StatementKind kind) const {
  if (!reason_.empty()) return {StatementVerdict::undecidable, kind, reason_};
  const bool one_drops_all = rule_of(kind).rule == StatementRule::maintenance;
  if (dropped_ > 0 && kept_ > 0 && !one_drops_all) {
    return {StatementVerdict::undecidable, kind, mixed};
  }
  return {dropped_ > 0 ? StatementVerdict::drop : StatementVerdict::keep, kind, {}};
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
      if (!reader_.skip_past("FOR")) return Read::failed;
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
    } else if (reader_.token().is("SQL") && reader_.peek().is("SECURITY")) {
      for (int i = 0; i < 3; ++i) reader_.advance();
    } else {
      return Read::done;
    }
    if (!understood) return Read::failed;
  }
}

StatementJudgement StatementJudge::apply(StatementKind kind) {
  if (kind == StatementKind::create_function) return create_function();
  if (kind == StatementKind::drop_function) return drop_function();
  switch (rule_of(kind).rule) {
    case StatementRule::keep: return {StatementVerdict::keep, kind, {}};
    case StatementRule::accounts: count(rules_.drops_accounts()); return verdict(kind);
    case StatementRule::refuse: return {StatementVerdict::undecidable, kind, not_in_text};
    default: break;
  }
  return read_targets(kind) == Read::done ? verdict(kind) : failure(kind);
}

StatementJudge::Read StatementJudge::read_targets(StatementKind kind) {
  switch (kind) {
    case StatementKind::insert:
    case StatementKind::replace: return insert();
    case StatementKind::update: return update();
    case StatementKind::delete_rows: return delete_rows();
    case StatementKind::load_data: return load();
    case StatementKind::alter_table: return alter_table();
    case StatementKind::rename_table: return rename_list();
    case StatementKind::create_index:
    case StatementKind::drop_index:
    case StatementKind::create_trigger: return table_behind_on();
    case StatementKind::truncate: reader_.accept("TABLE"); return table();
    case StatementKind::alter_database: return schema(true);
    default: break;
  }
  switch (rule_of(kind).rule) {
    case StatementRule::schema: return schema(false);
    case StatementRule::program: return program();
    case StatementRule::tables: return table_list();
    case StatementRule::maintenance: return maintenance_list();
    default: return table();
  }
}

/// A name as the rules know it; nullopt, with the reason, if it cannot be compared.
std::optional<std::string_view> StatementJudge::known_name(const Token& token, NameBuffer& buffer) {
  const auto name = unquoted(token, buffer);
  if (!name) {
    reason_ = long_name;
  } else if (!names_are_utf8_ && rules_.has_patterns() &&
             std::any_of(name->begin(), name->end(), [](char c) { return (c & 0x80) != 0; })) {
    reason_ = other_charset;
  }
  return reason_.empty() ? name : std::nullopt;
}

void StatementJudge::count(const TableName& name) {
  NameBuffer schema_buffer;
  NameBuffer table_buffer;
  const auto schema = name.has_schema() ? known_name(name.schema, schema_buffer) : default_schema_;
  const auto table = known_name(name.table, table_buffer);
  if (!schema || !table) return;
  if (schema->empty()) {
    reason_ = no_schema;
  } else {
    count(rules_.drops(*schema, *table));
  }
}

StatementJudge::Read StatementJudge::table() {
  reader_.skip_if_exists();
  TableName name;
  if (!reader_.table_name(name)) return Read::failed;
  count(name);
  return Read::done;
}

StatementJudge::Read StatementJudge::table_list() {
  do {
    if (table() == Read::failed) return Read::failed;
  } while (reader_.accept(','));
  return reader_.is_stuck() ? Read::failed : Read::done;
}

// a [WAIT 1 | NOWAIT] TO b, ..
StatementJudge::Read StatementJudge::rename_list() {
  do {
    if (table() == Read::failed) return Read::failed;
    if (!reader_.skip_past("TO") || table() == Read::failed) return Read::failed;
  } while (reader_.accept(','));
  return reader_.is_stuck() ? Read::failed : Read::done;
}

// [NO_WRITE_TO_BINLOG | LOCAL] {TABLE | TABLES | VIEW} a [options], b [options] [options]
StatementJudge::Read StatementJudge::maintenance_list() {
  skip_local(reader_);
  if (!is_table_keyword(reader_.token())) return Read::failed;
  reader_.advance();
  do {
    if (table() == Read::failed) return Read::failed;
    // The columns of a histogram are a list too.
    if (reader_.token().is("UPDATE") || reader_.token().is("DROP")) return Read::done;
    while (!reader_.at_end() && !reader_.token().is(',')) {
      if (!reader_.skip()) return Read::failed;
    }
  } while (reader_.accept(','));
  return Read::done;
}

// CREATE INDEX i ON t, CREATE TRIGGER g BEFORE INSERT ON t
StatementJudge::Read StatementJudge::table_behind_on() {
  return reader_.skip_past("ON") ? table() : Read::failed;
}

StatementJudge::Read StatementJudge::insert() {
  while (reader_.accept("LOW_PRIORITY") || reader_.accept("DELAYED") ||
         reader_.accept("HIGH_PRIORITY") || reader_.accept("IGNORE")) {
  }
  reader_.accept("INTO");
  return table();
}

StatementJudge::Read StatementJudge::load() {
  do {
    if (!reader_.skip_past("INTO")) return Read::failed;
  } while (!reader_.accept("TABLE"));
  return table();
}

StatementJudge::Read StatementJudge::update() {
  reader_.accept("LOW_PRIORITY");
  reader_.accept("IGNORE");
  TableReferences references;
  if (!references.read(reader_) || !reader_.accept("SET")) return Read::failed;
  for (const TableReference& reference : references.all()) count(reference.name);
  if (dropped_ == 0 || kept_ == 0) return Read::done;
  // Tables of both sorts are joined: it matters which ones are changed.
  dropped_ = 0;
  kept_ = 0;
  return assignments(references);
}

StatementJudge::Read StatementJudge::assignments(const TableReferences& references) {
  do {
    Token parts[3];  // column, table, schema
    do {
      if (!reader_.token().is_name()) return Read::failed;
      parts[2] = parts[1];
      parts[1] = parts[0];
      parts[0] = reader_.token();
      reader_.advance();
    } while (reader_.accept('.'));
    const TableReference* reference = references.find({parts[2], parts[1]});
    if (reference == nullptr) {
      reason_ = mixed;  // which table an unqualified column is of is not in the text
      return Read::done;
    }
    count(reference->name);
    while (!reader_.token().is(',') && !at_clause(reader_)) {
      if (!reader_.skip()) return Read::failed;
    }
  } while (reader_.accept(','));
  return Read::done;
}

// DELETE FROM t ..; DELETE t, u FROM references ..; DELETE FROM t, u USING references ..
StatementJudge::Read StatementJudge::delete_rows() {
  while (reader_.accept("LOW_PRIORITY") || reader_.accept("QUICK") || reader_.accept("IGNORE") ||
         reader_.accept("HISTORY")) {
  }
  const bool from_first = reader_.accept("FROM");
  std::array<TableName, 64> targets;
  std::size_t size = 0;
  do {
    if (size == targets.size() || !reader_.table_name(targets[size++])) return Read::failed;
    if (reader_.accept('.')) reader_.accept('*');
  } while (reader_.accept(','));
  if (reader_.is_stuck()) return Read::failed;
  if (from_first && !reader_.token().is("USING")) {
    if (size > 1) return Read::failed;
    count(targets.front());
    return Read::done;
  }
  if (!reader_.accept(from_first ? "USING" : "FROM")) return Read::failed;
  TableReferences references;
  if (!references.read(reader_)) return Read::failed;
  for (std::size_t i = 0; i < size; ++i) {
    const TableReference* reference = references.find(targets[i]);
    count(reference != nullptr ? reference->name : targets[i]);
  }
  return Read::done;
}

// Besides the table: RENAME [TO | AS | =] x, EXCHANGE PARTITION p WITH TABLE x, CONVERT PARTITION p TO
// TABLE x, CONVERT TABLE x TO PARTITION p. RENAME and TABLE are reserved words, so they are no names.
StatementJudge::Read StatementJudge::alter_table() {
  if (table() == Read::failed) return Read::failed;
  while (!reader_.at_end()) {
    if (reader_.accept("TABLE")) {
      if (table() == Read::failed) return Read::failed;
    } else if (reader_.accept("RENAME")) {
      const Token& what = reader_.token();
      if (what.is("COLUMN") || what.is("INDEX") || what.is("KEY")) continue;
      if (!reader_.accept("TO") && !reader_.accept("AS")) reader_.accept('=');
      if (table() == Read::failed) return Read::failed;
    } else if (!reader_.skip()) {
      return Read::failed;
    }
  }
  return Read::done;
}

// ALTER DATABASE may go without a name; what follows then is an option.
StatementJudge::Read StatementJudge::schema(bool optional) {
  reader_.skip_if_exists();
  const Token name = reader_.token();
  if (!name.is_name()) return Read::failed;
  reader_.advance();
  if (reader_.is_stuck()) return Read::failed;
  const Token& next = reader_.token();
  const bool is_option =
      optional && (name.is("CHARACTER") || name.is("COLLATE") || name.is("DEFAULT") ||
                   name.is("READ") || next.is('=') || next.kind == TokenKind::string ||
                   (name.is("CHARSET") && next.is_name() && reader_.peek().kind == TokenKind::end));
  NameBuffer buffer;
  const auto known = is_option ? default_schema_ : known_name(name, buffer);
  if (!known) return Read::done;
  if (known->empty()) {
    reason_ = no_schema;
  } else {
    count(rules_.drops_schema(*known));
  }
  return Read::done;
}

StatementJudge::Read StatementJudge::program() {
  reader_.accept("BODY");
  reader_.skip_if_exists();
  TableName name;
  if (!reader_.table_name(name)) return Read::failed;
  count_program(name);
  return Read::done;
}

void StatementJudge::count_program(const TableName& name) {
  NameBuffer buffer;
  const auto schema = name.has_schema() ? known_name(name.schema, buffer) : default_schema_;
  if (!schema) return;
  if (schema->empty()) {
    reason_ = no_schema;
  } else {
    count(rules_.drops_programs(*schema));
  }
}

// A loadable one has no parameters: CREATE [AGGREGATE] FUNCTION f RETURNS STRING SONAME 'x.so'.
StatementJudgement StatementJudge::create_function() {
  constexpr auto kind = StatementKind::create_function;
  reader_.skip_if_exists();
  TableName name;
  if (!reader_.table_name(name)) return failure(kind);
  if (reader_.accept("RETURNS")) {
    reader_.advance();
    if (reader_.token().kind == TokenKind::incomplete) return failure(kind);
    if (reader_.token().is("SONAME")) return apply(StatementKind::create_loadable_function);
  }
  count_program(name);
  return verdict(kind);
}

StatementJudgement StatementJudge::drop_function() {
  constexpr auto kind = StatementKind::drop_function;
  reader_.skip_if_exists();
  TableName name;
  if (!reader_.table_name(name)) return failure(kind);
  if (!name.has_schema() && default_schema_.empty()) {
    return apply(StatementKind::drop_loadable_function);
  }
  count_program(name);
  return verdict(kind);
}

// FLUSH [LOCAL] {option [, option].. | TABLE[S] [a [, b]..] [WITH READ LOCK | FOR EXPORT]}
StatementJudgement StatementJudge::flush() {
  reader_.advance();
  skip_local(reader_);
  if (reader_.accept("TABLE") || reader_.accept("TABLES")) {
    constexpr auto kind = StatementKind::flush_tables;
    const bool has_list = reader_.token().is_name() && !reader_.token().is("WITH") &&
                          !reader_.token().is("FOR");
    if (reader_.is_stuck() || (has_list && table_list() == Read::failed)) return failure(kind);
    return verdict(kind);
  }
  while (!reader_.at_end()) {
    if (reader_.token().is("PRIVILEGES") || reader_.token().is("USER_RESOURCES")) {
      return apply(StatementKind::flush_privileges);
    }
    if (!reader_.skip()) return failure(StatementKind::flush);
  }
  return apply(StatementKind::flush);
}

}  // namespace sluice::filters

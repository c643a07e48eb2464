// The targets of each kind of statement: what of its text StatementJudge reads.
#include <algorithm>
#include <array>

#include "filters/statement_judge.hpp"

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

constexpr auto no_schema = "it names a table without a schema, and has no default schema"sv;
constexpr auto other_charset =
    "a name has characters outside ASCII in a character set that is not UTF-8"sv;
constexpr auto long_name = "a name is longer than a name can be"sv;
constexpr auto contradiction = "its text and its table map name other tables"sv;
constexpr auto moves_event = "it moves an event between schemas of both sorts"sv;
constexpr auto unknown_column =
    "it joins tables of both sorts, and does not say which it changes"sv;

bool skip_local(StatementReader& reader) {
  return reader.accept("NO_WRITE_TO_BINLOG") || reader.accept("LOCAL");
}

}  // namespace

bool StatementJudge::is_table_keyword(const Token& token) {
  return token.is("TABLE") || token.is("TABLES") || token.is("VIEW");
}

/// A name as the rules know it; nullopt, with the reason, if it cannot be compared.
std::optional<std::string_view> StatementJudge::known_name(const Token& token, NameBuffer& buffer) {
  const auto name = unquoted(token, buffer);
  if (!name) {
    reason_ = long_name;
  } else if (!lexis_.charset.is_utf8() && rules_.has_patterns() &&
             !std::all_of(name->begin(), name->end(),
                          [&](char c) { return lexis_.charset.is_ascii(c); })) {
    reason_ = other_charset;
  }
  return reason_.empty() ? name : std::nullopt;
}

std::optional<TableRules::Dropped> StatementJudge::decide(const TableName& name) {
  NameBuffer schema_buffer;
  NameBuffer table_buffer;
  const auto schema = name.has_schema() ? known_name(name.schema, schema_buffer) : default_schema_;
  const auto table = known_name(name.table, table_buffer);
  if (!schema || !table) return std::nullopt;
  if (schema->empty()) {
    reason_ = no_schema;
    return std::nullopt;
  }
  return rules_.drops(*schema, *table);
}

void StatementJudge::count(const TableName& name) {
  const auto rule = decide(name);
  if (!rule) return;
  // What only the lack of a name in `only` drops, or keeps without `only`, decides on nothing.
  const bool is_named = *rule ? *rule != DropRule::only : rules_.has_only();
  if (is_named && !decided_) decided_ = *rule;
  note(*rule);
  changes_system_schema_ = changes_system_schema_ || *rule == DropRule::system_schema;
}

void StatementJudge::count_unasked(const TableName& name) {
  const auto so_far = decided_;
  count(name);
  decided_ = so_far;
}

StatementJudge::Read StatementJudge::table() {
  if (reader_.skip_if_exists()) always_applied_ = drops_temporary_;
  TableName name;
  if (!reader_.table_name(name)) return Read::failed;
  count(name);
  return Read::done;
}

StatementJudge::Read StatementJudge::unasked_table() {
  TableName name;
  if (!reader_.table_name(name)) return Read::failed;
  count_unasked(name);
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
  if (behind_file_name_) {
    const auto target = std::min<std::size_t>(*behind_file_name_, text_.size());
    reader_ = StatementReader(text_.substr(target), truncated_, lexis_);
    return reader_.accept("TABLE") ? table() : Read::failed;
  }
  do {
    if (!reader_.skip_past("INTO")) return Read::failed;
  } while (!reader_.accept("TABLE"));
  return table();
}

StatementJudge::Read StatementJudge::update() {
  reader_.accept("LOW_PRIORITY");
  reader_.accept("IGNORE");
  TableReferences references(default_schema_);
  if (!references.read(reader_) || !reader_.accept("SET")) return Read::failed;
  const auto all = references.all();
  const auto alike = are_alike(references);
  if (!alike) return Read::done;
  // Where tables of both sorts are joined it matters which ones are changed.
  TableSet updated;
  if (*alike) {
    updated.set();
  } else if (assignments(references, updated) == Read::failed) {
    return Read::failed;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (updated[i] && !may_be_query(all[i])) count(all[i].name);
  }
  return Read::done;
}

// Where there is no default schema, a name without one can only be that of a WITH, which nobody
// changes.
bool StatementJudge::may_be_query(const TableReference& reference) const {
  return has_ctes_ && default_schema_.empty() && !reference.name.has_schema();
}

/// Whether one rule is about all of the tables, so that it does not matter which ones are changed;
/// nullopt, with the reason, if one cannot be judged.
std::optional<bool> StatementJudge::are_alike(const TableReferences& references) {
  bool alike = true;
  std::optional<TableRules::Dropped> first;
  for (const TableReference& reference : references.all()) {
    if (may_be_query(reference)) continue;
    const auto rule = decide(reference.name);
    if (!rule) return std::nullopt;
    alike = alike && *rule == first.value_or(*rule);
    first = rule;
  }
  return alike;
}

// The master says which tables it has changed, by their place among all. Where derived tables stand
// among them, or what may be one of a WITH, their places are not known, as the tables within those
// may count instead; then each column must be qualified.
StatementJudge::Read StatementJudge::assignments(const TableReferences& references,
                                                 TableSet& updated) {
  const bool may_name_query =
      has_ctes_ &&
      std::ranges::any_of(references.all(), [](const auto& one) { return !one.name.has_schema(); });
  const bool told = updated_tables_ != 0 && !references.has_derived() && !may_name_query;
  if (told) updated = TableSet(updated_tables_);
  // The tables of a view count in its place: then no place is known.
  if (told && (updated >> references.all().size()).any()) {
    reason_ = contradiction;
    return Read::done;
  }
  do {
    Token parts[3];  // column, table, schema
    do {
      if (!reader_.token().is_name()) return Read::failed;
      parts[2] = parts[1];
      parts[1] = parts[0];
      parts[0] = reader_.token();
      reader_.advance();
    } while (reader_.accept('.'));
    if (reader_.is_stuck()) return Read::failed;
    const TableReference* reference = references.of_column({parts[2], parts[1]});
    if (reference != nullptr) {
      const auto place = static_cast<std::size_t>(reference - references.all().data());
      if (told && !updated[place]) reason_ = contradiction;
      updated.set(place);
    } else if (!told) {
      reason_ = unknown_column;
      return Read::done;
    }
    while (!reader_.token().is(',') && !at_clause(reader_)) {
      if (!reader_.skip()) return Read::failed;
    }
  } while (reader_.accept(','));
  return Read::done;
}

// DELETE FROM t ..; DELETE t, u FROM references ..; DELETE FROM t, u USING references ..
StatementJudge::Read StatementJudge::delete_rows() {
  while (reader_.accept("LOW_PRIORITY") || reader_.accept("QUICK") || reader_.accept("IGNORE")) {
  }
  // MariaDB's; else a table may be called so.
  if (mariadb_ && reader_.token().is("HISTORY") && reader_.peek().is("FROM")) reader_.advance();
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
  TableReferences references(default_schema_);
  if (!references.read(reader_)) return Read::failed;
  // The servers ask in the order of the references.
  TableSet deleted;
  for (std::size_t i = 0; i < size; ++i) {
    const TableReference* reference = references.of_delete(targets[i]);
    if (reference != nullptr) {
      deleted.set(static_cast<std::size_t>(reference - references.all().data()));
      continue;
    }
    // Whichever it is.
    const auto alike = are_alike(references);
    if (!alike) return Read::done;
    if (!*alike || references.all().empty()) return Read::failed;
    deleted.set();
  }
  for (std::size_t i = 0; i < references.all().size(); ++i) {
    if (deleted[i]) count(references.all()[i].name);
  }
  return Read::done;
}

// Besides the table: EXCHANGE PARTITION p WITH TABLE x; and, which the servers do not ask their
// rules about, RENAME [TO | AS | =] x, CONVERT PARTITION p TO TABLE x, CONVERT TABLE x TO PARTITION
// p. RENAME, WITH and TABLE are reserved words, so they are no names.
StatementJudge::Read StatementJudge::alter_table() {
  if (table() == Read::failed) return Read::failed;
  while (!reader_.at_end()) {
    if (reader_.accept("WITH")) {
      if (reader_.accept("TABLE") && table() == Read::failed) return Read::failed;
    } else if (reader_.accept("TABLE")) {
      if (unasked_table() == Read::failed) return Read::failed;
    } else if (reader_.accept("RENAME")) {
      const Token& what = reader_.token();
      if (what.is("COLUMN") || what.is("INDEX") || what.is("KEY")) continue;
      if (!reader_.accept("TO") && !reader_.accept("AS")) reader_.accept('=');
      if (unasked_table() == Read::failed) return Read::failed;
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
  const Token next = reader_.token();
  bool is_option = optional && (name.is("CHARACTER") || name.is("CHAR") || name.is("COLLATE") ||
                                name.is("DEFAULT") || name.is("READ") || next.is('=') ||
                                next.kind == TokenKind::string);
  if (optional && name.is("CHARSET") && next.is_name()) {  // no reserved word: CHARSET x, or a name
    reader_.advance();
    if (reader_.is_stuck()) return Read::failed;
    is_option = reader_.at_end();
  }
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

StatementJudge::Read StatementJudge::program(StatementKind kind) {
  if (kind == StatementKind::create_package || kind == StatementKind::drop_package) {
    reader_.accept("BODY");
  }
  reader_.skip_if_exists();
  TableName name;
  if (!reader_.table_name(name)) return Read::failed;
  count_program(name);
  return kind == StatementKind::alter_event ? renamed_event() : Read::done;
}

// ALTER EVENT e [ON SCHEDULE ..] [ON COMPLETION ..] [RENAME TO f] .. [DO ..]: the servers' rules do
// not ask where it goes, and a replica would have it, or miss it, against them.
StatementJudge::Read StatementJudge::renamed_event() {
  while (!reader_.at_end() && !reader_.token().is("DO")) {
    if (!reader_.accept("RENAME")) {
      if (!reader_.skip()) return Read::failed;
      continue;
    }
    TableName name;
    if (!reader_.accept("TO") || !reader_.table_name(name)) return Read::failed;
    count_program(name);
    if (drops_some_ && keeps_some_) reason_ = moves_event;
    return Read::done;
  }
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
    const bool has_list =
        reader_.token().is_name() && !reader_.token().is("WITH") && !reader_.token().is("FOR");
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

// ALTER TABLESPACE mysql ENCRYPTION = 'Y' is about that of the system schema.
StatementJudgement StatementJudge::alter_tablespace() {
  constexpr auto kind = StatementKind::alter_tablespace;
  NameBuffer buffer;
  const Token name = reader_.token();
  if (!name.is_name()) return failure(kind);
  const auto known = unquoted(name, buffer);
  if (!known || !equal_ignoring_case(*known, "mysql")) return {StatementVerdict::keep, kind, {}};
  count(rules_.drops_schema("mysql"));
  return verdict(kind);
}

}  // namespace sluice::filters

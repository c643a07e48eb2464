// The targets of each kind of statement: what of its text StatementJudge reads. Those of UPDATE and
// DELETE are in statement_judge_joins.cpp.
#include <algorithm>

#include "filters/sql/statement_judge.hpp"

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

constexpr auto no_schema = "it names a table without a schema, and has no default schema"sv;
constexpr auto other_charset =
    "a name has characters outside ASCII in a character set that is not UTF-8"sv;
constexpr auto long_name = "a name is longer than a name can be"sv;
constexpr auto moves_event = "it moves an event between schemas of both sorts"sv;

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
  const auto is_ascii = [&](char c) { return lexis_.charset.is_ascii(c); };
  const bool compares = lexis_.charset.is_utf8() || !rules_.has_patterns() ||
                        (name && std::ranges::all_of(*name, is_ascii));
  if (has_run_ && (!name || !compares)) return nobodys_name;
  if (!name) {
    reason_ = long_name;
  } else if (!compares) {
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
  if (is_nobodys(*schema)) return TableRules::Dropped();
  if (schema->empty()) {
    reason_ = no_schema;
    return std::nullopt;
  }
  const auto rule = rules_.drops(*schema, *table);
  // `only` may name a table that cannot be compared.
  if (is_nobodys(*table) && rule == DropRule::only) return TableRules::Dropped();
  return rule;
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
    begin_ = std::min<std::size_t>(*behind_file_name_, text_.size());
    reader_ = StatementReader(text_.substr(begin_), truncated_, lexis_);
    return reader_.accept("TABLE") ? table() : Read::failed;
  }
  do {
    if (!reader_.skip_past("INTO")) return Read::failed;
  } while (!reader_.accept("TABLE"));
  return table();
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
  if (is_nobodys(*known)) {
    count(TableRules::Dropped());
  } else if (known->empty()) {
    reason_ = no_schema;
  } else {
    count(rules_.drops_schema(*known));
  }
  return Read::done;
}

// What servers log for a stored function that changes something: SELECT `app`.`f`(1). There is none
// where the schema's programs are dropped.
StatementJudge::Read StatementJudge::select() {
  TableName name;
  name.schema = reader_.token();
  if (name.schema.kind == TokenKind::string && reader_.peek().is('.')) return Read::failed;
  if (!name.has_schema() || !reader_.peek().is('.')) {
    return reader_.is_stuck() ? Read::failed : Read::done;
  }
  reader_.advance();
  reader_.advance();
  name.table = reader_.token();
  reader_.advance();
  if (reader_.is_stuck()) return Read::failed;
  if (reader_.token().is('(')) count_program(name);
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
  if (is_nobodys(*schema)) {
    count(TableRules::Dropped());
  } else if (schema->empty()) {
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
        !reader_.at_end() && !reader_.token().is("WITH") && !reader_.token().is("FOR");
    if (has_list && table_list() == Read::failed) return failure(kind);
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

#include "filters/requirements/requirements.hpp"

#include <algorithm>
#include <vector>

#include "filters/requirements/table_change.hpp"
#include "filters/rules/table_text.hpp"
#include "filters/sql/statement.hpp"
#include "protocol/binlog/primary_key.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/table_map.hpp"

namespace sluice::filters {

using binlog::EventType;
using Change = TableChange::Kind;
using PrimaryKey = TableChange::PrimaryKey;

namespace {

/// DDL that is longer is read as far as this.
constexpr std::size_t max_statement = std::size_t{64} << 10;
/// No TABLE_MAP is larger in practice; what is, is let be.
constexpr std::size_t max_table_map = std::size_t{1} << 20;
/// Enough to see that a compressed statement is no DDL.
constexpr std::size_t first_words = 64;

bool is_ddl(StatementKind kind) {
  switch (kind) {
    case StatementKind::create_table:
    case StatementKind::alter_table:
    case StatementKind::drop_table:
    case StatementKind::rename_table:
    case StatementKind::drop_database:
      return true;
    default:
      return false;
  }
}

/// Most statements are not, and can be told from them by the first letters.
bool starts_like_ddl(std::string_view text, const LexRules& lexis) {
  const Token verb = SqlLexer(text, true, lexis).next();
  return verb.is("CREATE") || verb.is("ALTER") || verb.is("DROP") || verb.is("RENAME") ||
         verb.is("SET");
}

bool is_innodb(std::string_view engine) {
  return equal_ignoring_case(engine, "InnoDB") || equal_ignoring_case(engine, "Innobase");
}

}  // namespace

RequirementsWatch::RequirementsWatch(TableRequirements requirements,
                                     std::shared_ptr<TableNotes> notes, Warn warn)
    : requirements_(requirements),
      notes_(std::move(notes)),
      warn_(std::move(warn)),
      keyless_(notes_->keyless()) {}

bool RequirementsWatch::wants(EventType type) const {
  return type == EventType::table_map || type == EventType::query ||
         type == EventType::query_compressed;
}

std::size_t RequirementsWatch::bytes_wanted(const binlog::EventHeader& header) const {
  switch (header.type) {
    case EventType::table_map:
      return header.size <= max_table_map ? header.size : 0;
    case EventType::query:
    case EventType::query_compressed:
      return std::min<std::size_t>(header.size, max_statement);
    default:
      return 0;
  }
}

std::string RequirementsWatch::see(const SeenEvent& seen) {
  if (seen.dropped) return {};
  const Bytes body = binlog::event_body(seen.header, seen.event, seen.format.checksum);
  switch (seen.header.type) {
    case EventType::table_map:
      return see_table_map(seen, body);
    case EventType::query:
    case EventType::query_compressed:
      return see_statement(seen, body);
    default:
      return {};
  }
}

std::string RequirementsWatch::see_table_map(const SeenEvent& seen, Bytes body) {
  if (requirements_.primary_key == Reaction::ignore || seen.event.size() < seen.header.size) {
    return {};
  }
  if (seen.subject.repeated && !changed_) return {};
  changed_ = false;
  const auto map = binlog::parse_table_map(body);
  if (!map) return {};
  const auto has_key = binlog::says_primary_key(*map);
  if (has_key.value_or(keyless_.empty())) return {};
  name_.clear();
  append_table(name_, map->schema, map->table);
  if (!has_key && !keyless_.contains(name_)) return {};
  if (requirements_.primary_key == Reaction::warn && !note(told_of_key_, name_)) return {};
  return complain(requirements_.primary_key,
                  {TableNotes::About::primary_key, name_, {}, seen.file, seen.position});
}

std::string RequirementsWatch::see_statement(const SeenEvent& seen, Bytes body) {
  if (seen.subject.statement && !is_ddl(*seen.subject.statement)) return {};
  auto query = binlog::parse_query_event(body, binlog::query_post_header_size);
  bool truncated = seen.event.size() < seen.header.size;
  if (!query) return {};
  const auto context = context_of(*query, seen.format);
  if (!context) return {};
  const LexRules lexis = lex_rules(*context);
  if (!may_change_tables(seen, lexis, *query, truncated)) return {};
  for (const TableChange& change :
       read_table_changes(query->text, truncated, lexis, query->schema)) {
    std::string refusal = apply(seen, change);
    if (!refusal.empty()) return refusal;
  }
  return {};
}

/// A look at the first words; if they may be of DDL, a compressed text is inflated further.
bool RequirementsWatch::may_change_tables(const SeenEvent& seen, const LexRules& lexis,
                                          binlog::QueryEvent& query, bool& truncated) {
  if (seen.header.type == EventType::query) return starts_like_ddl(query.text, lexis);
  const Bytes record = as_bytes(query.text);
  for (const std::size_t limit : {first_words, max_statement}) {
    const auto inflated = inflater_.inflate(record, truncated, limit);
    if (!inflated || !starts_like_ddl(as_text(inflated->text), lexis)) return false;
    query.text = as_text(inflated->text);
    if (inflated->whole || limit == max_statement) {
      truncated = !inflated->whole;
      return true;
    }
  }
  return false;
}

std::string RequirementsWatch::apply(const SeenEvent& seen, const TableChange& change) {
  switch (change.kind) {
    case Change::created:
      set_keyless(change.table, change.other.empty() ? change.primary_key == PrimaryKey::absent
                                                     : keyless_.contains(change.other));
      break;
    case Change::altered:
      if (change.primary_key != PrimaryKey::unsaid) {
        set_keyless(change.table, change.primary_key == PrimaryKey::absent);
      }
      break;
    case Change::dropped:
      set_keyless(change.table, false);
      break;
    case Change::renamed: {
      const bool keyless = keyless_.contains(change.table);
      set_keyless(change.table, false);
      set_keyless(change.other, keyless);
      break;
    }
    case Change::schema_dropped: {
      std::string prefix;
      append_name(prefix, change.table);
      prefix.push_back('.');
      std::vector<std::string> gone;
      for (auto name = keyless_.lower_bound(prefix);
           name != keyless_.end() && name->starts_with(prefix); ++name) {
        gone.push_back(*name);
      }
      for (const std::string& name : gone) set_keyless(name, false);
      break;
    }
  }
  if (change.engine.empty() || is_innodb(change.engine)) return {};
  return complain(requirements_.innodb, {TableNotes::About::innodb, change.table, change.engine,
                                         seen.file, seen.position});
}

void RequirementsWatch::set_keyless(std::string_view name, bool keyless) {
  const auto known = keyless_.find(name);
  if (keyless == (known != keyless_.end())) return;
  changed_ = true;
  if (keyless) {
    note(keyless_, name);
  } else {
    keyless_.erase(known);
  }
  notes_->set_keyless(name, keyless);
}

std::string RequirementsWatch::complain(Reaction reaction, const TableComplaint& complaint) {
  const bool about_key = complaint.about == TableNotes::About::primary_key;
  switch (reaction) {
    case Reaction::ignore:
      return {};
    case Reaction::warn:
      if (notes_->first_complaint(complaint.about, complaint.table)) warn_(complaint);
      return {};
    case Reaction::refuse:
      break;
  }
  std::string text = "table " + std::string(complaint.table);
  if (about_key) return text + " has no primary key, which relay.requirements demands";
  text.append(" gets the engine ").append(complaint.engine);
  return text + ", and relay.requirements demands InnoDB";
}

}  // namespace sluice::filters

// The targets of UPDATE and DELETE, which may change some of the tables that they join.
#include <algorithm>
#include <array>

#include "filters/sql/statement_judge.hpp"

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;

constexpr auto contradiction = "its text and its table map name other tables"sv;
constexpr auto unknown_column =
    "it joins tables of both sorts, and does not say which it changes"sv;
constexpr auto unknown_order =
    "it changes tables of both sorts, in an order that a RIGHT JOIN leaves open"sv;
constexpr auto unknown_target = "it deletes from a table that is not among those it reads"sv;

}  // namespace

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
  check_order(references);
  return Read::done;
}

// MySQL 8.0, from some version behind 8.0.15 on, puts the right table first
// (sql/parse_tree_nodes.cc, PT_joined_table::contextualize_tabs). Without `only` it does not matter
// who is asked for first.
void StatementJudge::check_order(const TableReferences& references) {
  if (rules_.has_only() && drops_some_ && keeps_some_ && !is_in_order(references)) {
    reason_ = unknown_order;
  }
}

/// Whether the servers count the tables in the order of the text.
bool StatementJudge::is_in_order(const TableReferences& references) const {
  constexpr std::uint32_t first_that_may_swap = 80000;
  const std::uint32_t version = lexis_.master_version;  // 0: not known
  const bool swaps = !mariadb_ && (version == 0 || version >= first_that_may_swap);
  return !swaps || !references.has_right_join();
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

/// Whether the master's map tells for sure that some of them are in the system schema, or none. A
/// view counts with all of its tables, and is not known to be one: so nothing is sure from the
/// first on that is of another sort than those before it.
bool StatementJudge::is_sure_of_system_schema(const TableReferences& references,
                                              const TableSet& updated) {
  std::optional<bool> first;
  for (std::size_t i = 0; i < references.all().size(); ++i) {
    const bool is_system = decide(references.all()[i].name) == DropRule::system_schema;
    if (is_system != first.value_or(is_system)) {
      const bool system_for_sure = *first && (updated << (updated.size() - i)).any();
      return system_for_sure || (updated >> i).none();
    }
    first = is_system;
  }
  return true;
}

// The master says which tables it has changed, by their place among all. Where derived tables stand
// among them, or what may be one of a WITH, their places are not known, as the tables within those
// may count instead, nor are they with a RIGHT JOIN; then each column must be qualified.
StatementJudge::Read StatementJudge::assignments(const TableReferences& references,
                                                 TableSet& updated) {
  const bool may_name_query =
      has_ctes_ &&
      std::ranges::any_of(references.all(), [](const auto& one) { return !one.name.has_schema(); });
  const bool told = updated_tables_ != 0 && !references.has_derived() && !may_name_query &&
                    is_in_order(references);
  if (told) updated = TableSet(updated_tables_);
  const bool must_be_qualified = !told || !is_sure_of_system_schema(references, updated);
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
    } else if (must_be_qualified) {
      reason_ = unknown_column;
      return Read::done;
    }
    while (!reader_.token().is(',') && !at_clause(reader_)) {
      const bool match = reader_.accept("MATCH");
      if (!(match ? reader_.skip_match() : reader_.skip())) return Read::failed;
    }
  } while (reader_.accept(','));
  return Read::done;
}

bool StatementJudge::keeps_first(const TableReferences& references) {
  const auto rule = decide(references.all().front().name);
  return rule && !*rule;
}

// DELETE FROM t ..; DELETE t, u FROM references ..; DELETE FROM t, u USING references ..
StatementJudge::Read StatementJudge::delete_rows() {
  // MariaDB's, and only where no option stands before it; else a table may be called so.
  if (mariadb_ && reader_.token().is("HISTORY") && reader_.peek().is("FROM")) {
    reader_.advance();
  } else {
    while (reader_.accept("LOW_PRIORITY") || reader_.accept("QUICK") || reader_.accept("IGNORE")) {
    }
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
    // Servers know more letters that are the same. Whichever it is, it is of the sort of all.
    const auto alike = are_alike(references);
    const auto own = decide(targets[i]);
    if (!alike || !own) return Read::done;
    deleted.set();
    if (!*alike || references.all().empty() || (*own && keeps_first(references))) {
      reason_ = unknown_target;
      return Read::done;
    }
  }
  for (std::size_t i = 0; i < references.all().size(); ++i) {
    if (deleted[i]) count(references.all()[i].name);
  }
  check_order(references);
  return Read::done;
}

}  // namespace sluice::filters

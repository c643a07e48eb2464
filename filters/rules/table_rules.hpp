// Which schemas, tables and accounts are dropped from the stream.
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filters/rules/drop_rule.hpp"

namespace sluice::filters {

enum class SystemSchema { drop, keep };

/// How patterns compare (Rpl_filter::find_wild). MySQL follows lower_case_table_names: with 0, the
/// default on Linux, names are bytes, and `_` is one of them; with 1 and 2, as in MariaDB always,
/// case does not matter and `_` is a character. Letters outside ASCII compare as they are written.
/// The system schema is recognised in any case always.
enum class NameCase { sensitive, insensitive };

[[nodiscard]] constexpr NameCase name_case(bool mariadb, unsigned lower_case_table_names) {
  return mariadb || lower_case_table_names != 0 ? NameCase::insensitive : NameCase::sensitive;
}

/// A pattern of replicate_wild_ignore_table / replicate_wild_do_table: `schema.table`, where `%`
/// stands for any number of characters, `_` for one, and `\` takes the next one as it is. It is
/// matched against the whole of `schema.table`, so `%` may cover the dot, as in the servers
/// (sql/rpl_filter.cc, find_wild).
class TablePattern {
 public:
  /// The error is a sentence for the configuration's reader.
  static boost::system::result<TablePattern, std::string> parse(std::string_view text);

  [[nodiscard]] bool matches(std::string_view schema, std::string_view table, NameCase names) const;
  /// Whether some table of the schema may match.
  [[nodiscard]] bool matches_within(std::string_view schema, NameCase names) const;
  [[nodiscard]] const std::string& text() const { return text_; }
  bool operator==(const TablePattern&) const = default;

 private:
  TablePattern(std::string text, std::size_t dot) : text_(std::move(text)), dot_(dot) {}

  std::string text_;
  std::size_t dot_;  // where the unescaped dot is
};

/// Names are in UTF-8, as TABLE_MAP has them. Immutable, so sessions may share one.
class TableRules {
 public:
  /// Drops the system schema and nothing else.
  TableRules() = default;
  TableRules(SystemSchema system_schema, std::vector<TablePattern> ignore,
             std::vector<TablePattern> only, NameCase names = NameCase::sensitive);

  // Each tells the rule by which something is dropped; nothing: it is kept.
  using Dropped = std::optional<DropRule>;

  /// Rows and statements that change this table. A table that `only` names is kept even if `ignore`
  /// names it too (Rpl_filter::tables_ok asks in that order).
  [[nodiscard]] Dropped drops(std::string_view schema, std::string_view table) const;
  /// CREATE, ALTER and DROP DATABASE (Rpl_filter::db_ok_with_wild_table).
  [[nodiscard]] Dropped drops_schema(std::string_view schema) const;
  /// Stored procedures, functions, events, packages of this schema: dropped if the schema is and
  /// `only` lets none of its tables pass.
  [[nodiscard]] Dropped drops_programs(std::string_view schema) const;
  /// Accounts, roles, privileges and what else lives in the system schema's tables.
  [[nodiscard]] Dropped drops_accounts() const { return drops_accounts_; }
  [[nodiscard]] bool has_only() const { return !only_.empty(); }
  /// The same rules for a master that compares names so.
  [[nodiscard]] TableRules comparing(NameCase names) const;
  /// An unfiltered stream is not even looked at.
  [[nodiscard]] bool drops_nothing() const;
  [[nodiscard]] SystemSchema system_schema() const { return system_schema_; }
  [[nodiscard]] NameCase names() const { return names_; }
  [[nodiscard]] const std::vector<TablePattern>& ignore() const { return ignore_; }
  [[nodiscard]] const std::vector<TablePattern>& only() const { return only_; }
  [[nodiscard]] bool has_patterns() const { return !ignore_.empty() || !only_.empty(); }

  /// `mysql` in any case, also spelt `#mysql50#mysql`.
  static bool is_system_schema(std::string_view schema);

  bool operator==(const TableRules&) const = default;

 private:
  [[nodiscard]] bool any_matches(const std::vector<TablePattern>& patterns, std::string_view schema,
                                 std::string_view table) const;

  SystemSchema system_schema_ = SystemSchema::drop;
  NameCase names_ = NameCase::sensitive;
  std::vector<TablePattern> ignore_;
  std::vector<TablePattern> only_;
  Dropped drops_accounts_ = DropRule::accounts;
};

}  // namespace sluice::filters

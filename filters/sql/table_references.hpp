// The tables of a multi-table UPDATE or DELETE.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

#include "filters/sql/statement_reader.hpp"

namespace sluice::filters {

struct TableReference {
  TableName name;
  Token alias;  ///< Token{} (end) if it has none
};

constexpr std::size_t max_joined_tables = 64;  ///< a join can have 61

/// Some of the tables, by their place among TableReferences::all().
using TableSet = std::bitset<max_joined_tables>;

/// Derived tables and table functions are not among them: they cannot be changed.
class TableReferences {
 public:
  /// `default_schema`: of names without one.
  explicit TableReferences(std::string_view default_schema) : default_schema_(default_schema) {}

  /// From the first table to the SET, WHERE, ORDER, LIMIT or RETURNING behind the last, or the end.
  [[nodiscard]] bool read(StatementReader& reader);
  [[nodiscard]] std::span<const TableReference> all() const {
    return std::span(references_).first(count_);
  }
  // nullptr: there is none, or more than one.
  /// The one that a column is qualified by: an alias, or a table without one (find_field_in_tables
  /// in sql/sql_base.cc).
  [[nodiscard]] const TableReference* of_column(const TableName& name) const;
  /// The one that DELETE names: an alias, or the same table of the same schema
  /// (multi_delete_table_match in sql/sql_parse.cc).
  [[nodiscard]] const TableReference* of_delete(const TableName& name) const;
  /// Derived tables or table functions stand among them.
  [[nodiscard]] bool has_derived() const { return has_derived_; }
  [[nodiscard]] bool has_right_join() const { return has_right_join_; }

 private:
  struct Place {
    std::size_t depth = 0;      // of parentheses
    bool want_factor = true;    // a table, a parenthesis or a derived table must come
    bool in_condition = false;  // an expression, as far as is known
  };
  [[nodiscard]] bool read_factor(StatementReader& reader, Place& place);
  [[nodiscard]] bool read_between(StatementReader& reader, Place& place);
  [[nodiscard]] bool read_table(StatementReader& reader);

  template <typename Means>
  [[nodiscard]] const TableReference* only_one(const Means& means) const {
    const auto found = std::ranges::find_if(all(), means);
    if (found == all().end() || std::any_of(std::next(found), all().end(), means)) return nullptr;
    return &*found;
  }
  [[nodiscard]] bool same_schema(const Token& a, const Token& b) const;

  std::string_view default_schema_;
  std::array<TableReference, max_joined_tables> references_;
  std::size_t count_ = 0;
  bool has_derived_ = false;
  bool has_right_join_ = false;
};

/// An alias, with or without AS; Token{} if there is none.
[[nodiscard]] Token read_alias(StatementReader& reader);
/// WHERE, ORDER, LIMIT, RETURNING or the end: behind the tables or the SET list.
[[nodiscard]] bool at_clause(const StatementReader& reader);

}  // namespace sluice::filters

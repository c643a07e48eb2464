// The tables of a multi-table UPDATE or DELETE.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <span>

#include "filters/statement_reader.hpp"

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
  /// From the first table to the SET, WHERE, ORDER, LIMIT or RETURNING behind the last, or the end.
  [[nodiscard]] bool read(StatementReader& reader);
  [[nodiscard]] std::span<const TableReference> all() const {
    return std::span(references_).first(count_);
  }
  /// The one that `name` means: an alias, or a table without one. nullptr if there is none.
  [[nodiscard]] const TableReference* find(const TableName& name) const;
  /// Derived tables or table functions stand among them.
  [[nodiscard]] bool has_derived() const { return has_derived_; }

 private:
  [[nodiscard]] bool read_factor(StatementReader& reader, std::size_t& depth, bool& want_factor);
  [[nodiscard]] bool read_between(StatementReader& reader, std::size_t& depth, bool& want_factor);
  [[nodiscard]] bool read_table(StatementReader& reader);

  std::array<TableReference, max_joined_tables> references_;
  std::size_t count_ = 0;
  bool has_derived_ = false;
};

/// An alias, with or without AS; Token{} if there is none.
[[nodiscard]] Token read_alias(StatementReader& reader);
/// WHERE, ORDER, LIMIT, RETURNING or the end: behind the tables or the SET list.
[[nodiscard]] bool at_clause(const StatementReader& reader);

}  // namespace sluice::filters

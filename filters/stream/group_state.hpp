// Where within a group of events a stream stands.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filters/rules/drop_rule.hpp"

namespace sluice::filters {

/// Where between two events a stream stands: all that the verdict on the next event depends on,
/// besides the file's FORMAT_DESCRIPTION. A value, so that it can be found out on one connection
/// to the master and be used on another.
struct GroupState {
  enum class Phase {
    unknown,  ///< the stream began at a position that may lie within a group
    between_groups,
    after_gtid,  ///< a standalone statement or BEGIN follows
    in_transaction,
  };
  struct MappedTable {
    std::uint64_t id;
    std::optional<DropRule> rule;  ///< none: it is kept
    bool can_be_savepoint;         ///< its TABLE_MAP is large enough to become a SAVEPOINT
    std::string_view::size_type name_at = 0;
    std::uint16_t schema_size = 0;
    std::uint16_t table_size = 0;

    [[nodiscard]] bool dropped() const { return rule.has_value(); }
  };

  Phase phase = Phase::unknown;
  std::vector<MappedTable> tables;  ///< of the row statement under way
  bool savepoint_given = false;     ///< a dropped row event of it has become one
  bool has_savepoints = false;      ///< the transaction's own
  std::string names{};              ///< of the tables, one behind the other
  // Most statements are on the table of the one before them.
  std::string first_map{};  ///< the body of the first TABLE_MAP of the last statement, if it passed
  MappedTable first_table{};

  /// A TABLE_MAP of more bytes is not remembered.
  static constexpr std::size_t max_first_map = 1024;

  void add_table(MappedTable table, std::string_view schema, std::string_view name) {
    // Those of the last statement were kept for whoever asks about its last event.
    if (tables.empty()) {
      names.clear();
      first_map.clear();
    }
    table.name_at = names.size();
    table.schema_size = static_cast<std::uint16_t>(schema.size());
    table.table_size = static_cast<std::uint16_t>(name.size());
    names.append(schema).append(name);
    tables.push_back(table);
  }
  /// `map` is that of the table just added, which is kept.
  void remember(std::string_view map) {
    if (tables.size() != 1 || map.size() > max_first_map) return;
    first_map = map;
    first_table = tables.front();
  }
  /// Adds the first table of the last statement again, if this is its TABLE_MAP.
  [[nodiscard]] bool add_again(std::string_view map) {
    if (!tables.empty() || first_map.empty() || map != first_map) return false;
    tables.push_back(first_table);
    // Its name is there still, the first of those of the last statement.
    names.resize(std::size_t{first_table.schema_size} + first_table.table_size);
    return true;
  }
  /// What the tables of one statement take, in bytes.
  [[nodiscard]] std::size_t held() const {
    return tables.size() * sizeof(MappedTable) + names.size();
  }
  [[nodiscard]] std::string_view schema_of(const MappedTable& table) const {
    return std::string_view(names).substr(table.name_at, table.schema_size);
  }
  [[nodiscard]] std::string_view name_of(const MappedTable& table) const {
    return std::string_view(names).substr(table.name_at + table.schema_size, table.table_size);
  }

  [[nodiscard]] bool drops_all() const {
    return !tables.empty() && std::ranges::all_of(tables, &MappedTable::dropped);
  }
  void end_statement() {
    tables.clear();
    savepoint_given = false;
  }
  /// A group begins, or has ended.
  void enter(Phase entered) {
    end_statement();
    has_savepoints = false;
    phase = entered;
  }
};

}  // namespace sluice::filters

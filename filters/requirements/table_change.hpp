// What DDL says about tables that the requirements watch wants to know: keys, engines, names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "filters/sql/sql_lexer.hpp"

namespace sluice::filters {

struct TableChange {
  enum class Kind { created, altered, dropped, renamed, schema_dropped };
  enum class PrimaryKey { unsaid, present, absent };

  Kind kind = Kind::created;
  std::string table{};  ///< table_text(); of schema_dropped the schema
  std::string other{};  ///< renamed: its name from now on; created: the table that it is LIKE
  PrimaryKey primary_key = PrimaryKey::unsaid;
  std::string engine{};  ///< as written; empty: it is not in the text
};

/// The changes that a statement makes, in order; none if it is not DDL on tables, or on temporary
/// ones, or is not understood. Of a text that is cut what can be told from its head.
[[nodiscard]] std::vector<TableChange> read_table_changes(std::string_view text, bool truncated,
                                                          const LexRules& lexis,
                                                          std::string_view default_schema);

}  // namespace sluice::filters

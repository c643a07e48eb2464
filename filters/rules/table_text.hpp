// How a table is called in logs, notes and findings.
#pragma once

#include <string>
#include <string_view>

namespace sluice::filters {

/// Adds the name of a schema or table: in backticks if there is a dot in it, so that `a.b`.c and
/// a.`b.c` are two.
inline void append_name(std::string& text, std::string_view name) {
  if (name.find('.') == std::string_view::npos) {
    text.append(name);
  } else {
    text.append("`").append(name).append("`");
  }
}

/// schema.table
inline void append_table(std::string& text, std::string_view schema, std::string_view table) {
  append_name(text, schema);
  text.push_back('.');
  append_name(text, table);
}

inline std::string table_text(std::string_view schema, std::string_view table) {
  std::string text;
  append_table(text, schema, table);
  return text;
}

}  // namespace sluice::filters

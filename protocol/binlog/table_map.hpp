// TABLE_MAP: gives a table a number for the row events of one statement
// (libs/mysql/binlog/event/rows_event.cpp, Table_map_event).
#pragma once

#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

/// Of a name, in bytes: NAME_LEN is 64 characters of three, and both servers wrote its size as one
/// byte for long.
constexpr std::size_t max_name = 255;

struct TableMap {
  std::uint64_t table_id = 0;
  std::string_view schema;
  std::string_view table;
  Bytes types;     ///< one byte a column
  Bytes metadata;  ///< what their types need, as long as each says (table_metadata.hpp)
  Bytes optional;  ///< the rest (optional_metadata.hpp)
};

/// `body` is the event without header and checksum; the result points into it.
/// What is told of the columns is checked for its presence only. Names are at most max_name long:
/// they are kept by who sees them.
[[nodiscard]] inline std::optional<TableMap> parse_table_map(Bytes body) {
  Cursor cursor(body);
  TableMap map;
  map.table_id = cursor.u48();
  cursor.skip(2);  // flags
  map.schema = cursor.lenenc_text();
  const bool schema_ended = cursor.u8() == 0;
  map.table = cursor.lenenc_text();
  const bool table_ended = cursor.u8() == 0;
  const std::uint64_t columns = cursor.lenenc();
  map.types = cursor.take(columns);
  map.metadata = cursor.take(cursor.lenenc());
  cursor.skip((columns + 7) / 8);  // which may be NULL
  map.optional = cursor.rest();
  if (!cursor.ok() || !schema_ended || !table_ended) return std::nullopt;
  if (map.schema.size() > max_name || map.table.size() > max_name) return std::nullopt;
  return map;
}

}  // namespace sluice::binlog

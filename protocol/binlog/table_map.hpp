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
};

/// `body` is the event without header and checksum; the result points into it.
/// Column types and metadata are checked for their presence only. Names are at most max_name long:
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
  cursor.skip(columns);            // types
  cursor.skip(cursor.lenenc());    // metadata
  cursor.skip((columns + 7) / 8);  // which may be NULL
  if (!cursor.ok() || !schema_ended || !table_ended) return std::nullopt;
  if (map.schema.size() > max_name || map.table.size() > max_name) return std::nullopt;
  return map;
}

}  // namespace sluice::binlog

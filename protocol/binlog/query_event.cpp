#include "protocol/binlog/query_event.hpp"

namespace sluice::binlog {
namespace {

// Codes of status variables (statement_events.h, Query_event::Query_event_post_header_offset).
enum StatusVariable : std::uint8_t {
  q_flags2 = 0,
  q_sql_mode = 1,
  q_catalog = 2,
  q_auto_increment = 3,
  q_charset = 4,
  q_time_zone = 5,
  q_catalog_nz = 6,
  q_lc_time_names = 7,
  q_charset_database = 8,
  q_table_map_for_update = 9,
  q_character_set_collations = 131,  // MariaDB 11.2
};

}  // namespace

std::optional<QueryEvent> parse_query_event(Bytes body, std::size_t post_header_size) {
  if (post_header_size < query_post_header_size) return std::nullopt;
  Cursor cursor(body);
  cursor.skip(4 + 4);  // thread id, execution time
  const std::uint8_t schema_size = cursor.u8();
  cursor.skip(2);  // error code
  const std::uint16_t variables_size = cursor.u16();
  QueryEvent query;
  if (post_header_size == execute_load_post_header_size) {
    cursor.skip(4);  // file id
    const std::uint32_t file_name = cursor.u32();
    query.behind_file_name = cursor.u32();
    cursor.skip(1);  // of duplicates
    if (file_name > *query.behind_file_name) return std::nullopt;
  } else {
    cursor.skip(post_header_size - query_post_header_size);
  }
  query.status_variables = cursor.take(variables_size);
  query.schema = cursor.text(schema_size);
  const bool schema_ended = cursor.u8() == 0;
  query.text = cursor.rest_text();
  if (!cursor.ok() || !schema_ended) return std::nullopt;
  return query;
}

/// Reads up to the updated tables, the last one that matters here. The servers stop at a code they
/// do not know, so whatever else comes ends the walk: it stands behind that one in all of them.
/// MariaDB's character set collations stand before the character set (Query_log_event::write in
/// sql/log_event_server.cc).
std::optional<StatusVariables> parse_status_variables(Bytes variables) {
  StatusVariables known;
  Cursor cursor(variables);
  while (cursor.ok() && cursor.remaining() > 0) {
    switch (cursor.u8()) {
      case q_flags2:
        cursor.skip(4);
        break;
      case q_sql_mode:
        known.sql_mode = cursor.u64();
        break;
      case q_catalog:
        cursor.skip(std::uint64_t{cursor.u8()} + 1);
        break;
      case q_auto_increment:
        cursor.skip(4);
        break;
      case q_charset:
        known.client_charset = cursor.u16();
        cursor.skip(4);
        break;
      case q_time_zone:
      case q_catalog_nz:
        cursor.skip(cursor.u8());
        break;
      case q_lc_time_names:
      case q_charset_database:
        cursor.skip(2);
        break;
      case q_table_map_for_update:
        known.updated_tables = cursor.u64();
        break;
      case q_character_set_collations:
        cursor.skip(std::uint64_t{4} * cursor.u8());
        break;
      default:
        return known;
    }
  }
  if (!cursor.ok()) return std::nullopt;
  return known;
}

}  // namespace sluice::binlog

// Binlog event types (libs/mysql/binlog/event/binlog_event.h, Log_event_type; MariaDB
// sql/log_event.h). Both flavours share the numbers below 40; MariaDB's own start at 160.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::binlog {

enum class EventType : std::uint8_t {
  unknown = 0,
  start_v3 = 1,
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  load = 6,
  slave = 7,
  create_file = 8,
  append_block = 9,
  exec_load = 10,
  delete_file = 11,
  new_load = 12,
  rand = 13,
  user_var = 14,
  format_description = 15,
  xid = 16,
  begin_load_query = 17,
  execute_load_query = 18,
  table_map = 19,
  pre_ga_write_rows = 20,
  pre_ga_update_rows = 21,
  pre_ga_delete_rows = 22,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  incident = 26,
  heartbeat = 27,
  ignorable = 28,
  rows_query = 29,
  write_rows_v2 = 30,
  update_rows_v2 = 31,
  delete_rows_v2 = 32,
  gtid = 33,
  anonymous_gtid = 34,
  previous_gtids = 35,
  transaction_context = 36,
  view_change = 37,
  xa_prepare = 38,
  partial_update_rows = 39,
  transaction_payload = 40,
  heartbeat_v2 = 41,
  gtid_tagged = 42,
  annotate_rows = 160,
  binlog_checkpoint = 161,
  mariadb_gtid = 162,
  gtid_list = 163,
  start_encryption = 164,
  query_compressed = 165,
  write_rows_compressed_v1 = 166,
  update_rows_compressed_v1 = 167,
  delete_rows_compressed_v1 = 168,
  write_rows_compressed_v2 = 169,
  update_rows_compressed_v2 = 170,
  delete_rows_compressed_v2 = 171,
  partial_row_data = 172,
};

/// A QUERY in one of its forms.
constexpr bool is_statement(EventType type) {
  return type == EventType::query || type == EventType::query_compressed ||
         type == EventType::execute_load_query;
}
/// Begins a group.
constexpr bool is_gtid(EventType type) {
  return type == EventType::gtid || type == EventType::anonymous_gtid ||
         type == EventType::gtid_tagged || type == EventType::mariadb_gtid;
}
constexpr bool is_heartbeat(EventType type) {
  return type == EventType::heartbeat || type == EventType::heartbeat_v2;
}
/// The text of a statement that is logged as rows.
constexpr bool is_annotation(EventType type) {
  return type == EventType::rows_query || type == EventType::annotate_rows;
}

/// The type's name as the servers' documentation writes it ("WRITE_ROWS"), or "UNKNOWN".
std::string_view name_of(EventType type);

}  // namespace sluice::binlog

// QUERY and EXECUTE_LOAD_QUERY: a statement and the session it ran in
// (libs/mysql/binlog/event/statement_events.cpp, Query_event; MariaDB sql/log_event.cc).
#pragma once

#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

/// The fixed part of QUERY behind the event header, and the longer one of EXECUTE_LOAD_QUERY.
constexpr std::size_t query_post_header_size = 13;
constexpr std::size_t execute_load_post_header_size = query_post_header_size + 13;
/// Of a QUERY or EXECUTE_LOAD_QUERY.
constexpr std::size_t post_header_size_of(EventType type) {
  return type == EventType::execute_load_query ? execute_load_post_header_size
                                               : query_post_header_size;
}

struct QueryEvent {
  std::string_view schema;  ///< default database
  Bytes status_variables;   ///< of the session: parse_status_variables()
  std::string_view text;    ///< what is there of the statement
  /// EXECUTE_LOAD_QUERY: where the text goes on behind "INFILE 'x' INTO". A replica puts another
  /// file's name there (Execute_load_query_log_event::do_apply_event), and masters escape the one
  /// that is there by rules of their own.
  std::optional<std::uint32_t> behind_file_name = {};
};

struct StatusVariables {
  std::uint64_t sql_mode = 0;        ///< Q_SQL_MODE_CODE; 0 when absent
  std::uint16_t client_charset = 0;  ///< collation id of character_set_client; 0 when absent
  std::uint64_t updated_tables = 0;  ///< Q_TABLE_MAP_FOR_UPDATE_CODE; 0 when absent
};

/// `body` starts behind the event header, ends before the checksum, and may be the first part of
/// the event: the text then ends early. Fails when anything before the text is missing or
/// contradicts itself.
[[nodiscard]] std::optional<QueryEvent> parse_query_event(Bytes body, std::size_t post_header_size);

/// Those that matter here. Apart from the rest, as most statements are decided on without them.
/// Fails when one is cut off.
[[nodiscard]] std::optional<StatusVariables> parse_status_variables(Bytes variables);

}  // namespace sluice::binlog

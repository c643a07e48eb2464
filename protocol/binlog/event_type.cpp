#include "protocol/binlog/event_type.hpp"

namespace sluice::binlog {

std::string_view name_of(EventType type) {
  switch (type) {
    case EventType::unknown: return "UNKNOWN";
    case EventType::start_v3: return "START_V3";
    case EventType::query: return "QUERY";
    case EventType::stop: return "STOP";
    case EventType::rotate: return "ROTATE";
    case EventType::intvar: return "INTVAR";
    case EventType::load: return "LOAD";
    case EventType::slave: return "SLAVE";
    case EventType::create_file: return "CREATE_FILE";
    case EventType::append_block: return "APPEND_BLOCK";
    case EventType::exec_load: return "EXEC_LOAD";
    case EventType::delete_file: return "DELETE_FILE";
    case EventType::new_load: return "NEW_LOAD";
    case EventType::rand: return "RAND";
    case EventType::user_var: return "USER_VAR";
    case EventType::format_description: return "FORMAT_DESCRIPTION";
    case EventType::xid: return "XID";
    case EventType::begin_load_query: return "BEGIN_LOAD_QUERY";
    case EventType::execute_load_query: return "EXECUTE_LOAD_QUERY";
    case EventType::table_map: return "TABLE_MAP";
    case EventType::pre_ga_write_rows: return "PRE_GA_WRITE_ROWS";
    case EventType::pre_ga_update_rows: return "PRE_GA_UPDATE_ROWS";
    case EventType::pre_ga_delete_rows: return "PRE_GA_DELETE_ROWS";
    case EventType::write_rows_v1: return "WRITE_ROWS_V1";
    case EventType::update_rows_v1: return "UPDATE_ROWS_V1";
    case EventType::delete_rows_v1: return "DELETE_ROWS_V1";
    case EventType::incident: return "INCIDENT";
    case EventType::heartbeat: return "HEARTBEAT";
    case EventType::ignorable: return "IGNORABLE";
    case EventType::rows_query: return "ROWS_QUERY";
    case EventType::write_rows_v2: return "WRITE_ROWS";
    case EventType::update_rows_v2: return "UPDATE_ROWS";
    case EventType::delete_rows_v2: return "DELETE_ROWS";
    case EventType::gtid: return "GTID";
    case EventType::anonymous_gtid: return "ANONYMOUS_GTID";
    case EventType::previous_gtids: return "PREVIOUS_GTIDS";
    case EventType::transaction_context: return "TRANSACTION_CONTEXT";
    case EventType::view_change: return "VIEW_CHANGE";
    case EventType::xa_prepare: return "XA_PREPARE";
    case EventType::partial_update_rows: return "PARTIAL_UPDATE_ROWS";
    case EventType::transaction_payload: return "TRANSACTION_PAYLOAD";
    case EventType::heartbeat_v2: return "HEARTBEAT_V2";
    case EventType::gtid_tagged: return "GTID_TAGGED";
    case EventType::annotate_rows: return "ANNOTATE_ROWS";
    case EventType::binlog_checkpoint: return "BINLOG_CHECKPOINT";
    case EventType::mariadb_gtid: return "GTID (MariaDB)";
    case EventType::gtid_list: return "GTID_LIST";
    case EventType::start_encryption: return "START_ENCRYPTION";
    case EventType::query_compressed: return "QUERY_COMPRESSED";
    case EventType::write_rows_compressed_v1: return "WRITE_ROWS_COMPRESSED_V1";
    case EventType::update_rows_compressed_v1: return "UPDATE_ROWS_COMPRESSED_V1";
    case EventType::delete_rows_compressed_v1: return "DELETE_ROWS_COMPRESSED_V1";
    case EventType::write_rows_compressed_v2: return "WRITE_ROWS_COMPRESSED";
    case EventType::update_rows_compressed_v2: return "UPDATE_ROWS_COMPRESSED";
    case EventType::delete_rows_compressed_v2: return "DELETE_ROWS_COMPRESSED";
  }
  return "UNKNOWN";
}

}  // namespace sluice::binlog

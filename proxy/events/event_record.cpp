#include "proxy/events/event_record.hpp"

#include <algorithm>

#include "filters/sql/statement.hpp"
#include "protocol/binlog/file_check.hpp"
#include "protocol/binlog/gtid_event.hpp"
#include "protocol/binlog/gtid_set.hpp"
#include "protocol/binlog/mariadb_compression.hpp"
#include "protocol/binlog/mariadb_gtid.hpp"
#include "protocol/binlog/payload_header.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rotate.hpp"
#include "protocol/binlog/table_map.hpp"
#include "proxy/base/list_text.hpp"

namespace sluice::proxy::events {
namespace {

using binlog::EventHeader;
using binlog::EventType;
using filters::SeenEvent;

// So much of a statement, or of a list of GTIDs, is held for showing it.
constexpr std::size_t max_text = std::size_t{1} << 20;
// The kind of nearly every statement is told by its head.
constexpr std::size_t statement_head = std::size_t{4} << 10;
constexpr std::size_t max_map = std::size_t{4} << 20;
// So many bytes of TABLE_MAPs are remembered of one statement: hundreds of large tables.
constexpr std::size_t max_maps = std::size_t{1} << 20;

bool is_whole(const SeenEvent& seen) {
  return seen.event.size() >= seen.header.size;
}

std::string gtid_of(const SeenEvent& seen, Bytes body) {
  if (seen.header.type == EventType::mariadb_gtid) {
    const auto gtid = binlog::parse_mariadb_gtid(seen.header, body);
    return gtid ? to_text(*gtid) : "";
  }
  const auto gtid = binlog::parse_gtid_event(seen.header.type, body);
  return gtid ? to_text(*gtid) : "";
}

/// domain, server and sequence of each (MariaDB sql/log_event.cc, Gtid_list_log_event).
std::string gtid_list_text(Bytes body) {
  constexpr std::uint32_t count_mask = (1U << 28) - 1;
  Cursor in(body);
  const std::uint32_t count = in.u32() & count_mask;
  std::string text;
  for (std::uint32_t i = 0; i < count && in.remaining() >= 16; ++i) {
    if (text.size() > shown_gtids) return text + "...";
    const std::uint32_t domain = in.u32();
    const std::uint32_t server = in.u32();
    text += (i > 0 ? "," : "") + std::to_string(domain) + "-" + std::to_string(server) + "-" +
            std::to_string(in.u64());
  }
  return text;
}

std::string payload_detail(Bytes body) {
  binlog::PayloadHeaderReader reader;
  if (reader.feed(body) != binlog::PayloadHeaderReader::Progress::complete) return {};
  const auto& header = reader.header();
  std::string text = header.compression == binlog::Compression::zstd ? "zstd" : "not compressed";
  if (header.uncompressed_size)
    text += ", " + std::to_string(*header.uncompressed_size) + " bytes inside";
  return text;
}

std::string format_detail(const SeenEvent& seen) {
  const auto format = binlog::parse_format_description(seen.event);
  if (!format) return {};
  return format->server_version +
         (format->checksum == binlog::Checksum::crc32 ? ", CRC32" : ", no checksums");
}

}  // namespace

bool EventRecord::has_rows() const {
  return !of_no_table && binlog::rows_layout(seen.header.type).has_value();
}

std::size_t EventReader::bytes_wanted(const EventHeader& header, Needs needs) {
  using enum EventType;
  const std::size_t all = header.size;
  const auto head = [&](std::size_t size) {
    return std::min(all, size + binlog::event_header_size);
  };
  if (is_statement(header.type)) {
    // A compressed statement is read as a whole or not at all.
    const bool whole = needs.statements || header.type == query_compressed;
    return head(whole ? max_text : statement_head);
  }
  if (is_annotation(header.type)) return head(needs.statements ? max_text : 0);
  if (binlog::rows_layout(header.type)) {
    return needs.rows && all <= max_rows_event ? all : head(binlog::rows_prefix_size);
  }
  switch (header.type) {
    case table_map:
      return std::min(all, max_map);
    case format_description:
    case rotate:
    case previous_gtids:
    case gtid_list:
      return std::min(all, max_text);
    case transaction_payload:
    case gtid:
    case anonymous_gtid:
    case gtid_tagged:
    case mariadb_gtid:
      return head(binlog::max_gtid_prefix_size);
    default:
      return 0;
  }
}

void EventReader::go_on_in(std::string file) {
  file_ = std::move(file);
  next_position_ = binlog::file_magic_size;
}

void EventReader::begin_at(std::uint64_t position, std::string gtid) {
  position_ = next_position_ = position;
  gtid_ = std::move(gtid);
}

EventRecord EventReader::read(const SeenEvent& seen) {
  using enum EventType;
  if (statement_ended_) forget_tables();
  statement_ended_ = false;
  if (!seen.in_payload) {
    position_ = next_position_;
    next_position_ += seen.header.size;
  }
  const Bytes body = binlog::event_body(seen.header, seen.event, seen.format.checksum);
  const EventType type = seen.header.type;
  if (binlog::is_gtid(type)) {
    gtid_ = gtid_of(seen, body);
  }
  EventRecord record{.seen = seen,
                     .file = file_,
                     .position = position_,
                     .gtid = gtid_,
                     .statement = seen.subject.statement};
  if (is_statement(type)) {
    read_statement(record, body);
  } else if (type == table_map) {
    read_table_map(record, body);
  } else if (binlog::rows_layout(type)) {
    read_rows(record, body);
  } else if (is_annotation(type) && needs_.statements) {
    // MySQL writes one byte of its length in front, which no length fits into.
    record.text = as_text(type == rows_query && !body.empty() ? body.subspan(1) : body);
  } else {
    read_detail(record, body);
  }
  return record;
}

void EventReader::read_statement(EventRecord& record, Bytes body) const {
  const SeenEvent& seen = record.seen;
  const auto query = binlog::parse_query_event(body, binlog::post_header_size_of(seen.header.type));
  if (!query) return;
  record.default_schema = query->schema;
  Buffer plain;
  std::string_view text = query->text;
  if (seen.header.type == EventType::query_compressed) {
    auto uncompressed = is_whole(seen)
                            ? binlog::uncompress_event_part(as_bytes(query->text), max_text)
                            : std::nullopt;
    if (!uncompressed) return;
    plain = std::move(*uncompressed);
    text = as_text(plain);
  }
  if (needs_.statements) {
    record.text = text;
    if (!is_whole(seen)) *record.text += "...";
  }
  if (record.statement) return;
  // Without rules nobody has looked at it yet.
  const filters::TableRules rules;
  const auto context = filters::context_of(*query, seen.format);
  if (!context) return;
  record.statement = filters::judge_statement(text, !is_whole(seen), *context, rules).kind;
}

void EventReader::read_table_map(EventRecord& record, Bytes body) {
  const auto map = binlog::parse_table_map(body);
  if (!map) return;
  if (mapped_bytes_ + body.size() > max_maps) forget_tables();
  mapped_bytes_ += body.size();
  MappedTable& table = tables_[map->table_id];
  table.schema = map->schema;
  table.table = map->table;
  table.problem = binlog::parse_table_metadata(*map, record.seen.format, table.metadata);
  record.table = &table;
  record.maps_table = true;
}

void EventReader::forget_tables() {
  tables_.clear();
  mapped_bytes_ = 0;
}

void EventReader::read_rows(EventRecord& record, Bytes body) {
  const auto prefix = binlog::parse_rows_prefix(body);
  if (!prefix) return;
  const auto table = tables_.find(prefix->table_id);
  if (table != tables_.end()) record.table = &table->second;
  statement_ended_ = prefix->ends_statement();
  record.of_no_table = prefix->table_id == binlog::dummy_table_id;
  if (record.of_no_table) record.detail = "of no table";
}

void EventReader::read_detail(EventRecord& record, Bytes body) {
  using enum EventType;
  const SeenEvent& seen = record.seen;
  switch (seen.header.type) {
    case format_description:
      record.detail = format_detail(seen);
      break;
    case rotate:
      if (const auto rotate_event = binlog::parse_rotate(seen.event);
          is_whole(seen) && rotate_event) {
        record.detail =
            std::string(rotate_event->file) + ":" + std::to_string(rotate_event->position);
      }
      break;
    case previous_gtids:
      if (const auto set = binlog::parse_gtid_set(body)) record.detail = to_text(*set, shown_gtids);
      break;
    case gtid_list:
      record.detail = gtid_list_text(body);
      break;
    case transaction_payload:
      record.detail = payload_detail(body);
      break;
    default:
      break;
  }
}

}  // namespace sluice::proxy::events

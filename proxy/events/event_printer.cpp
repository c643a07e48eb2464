#include "proxy/events/event_printer.hpp"

#include <boost/system/result.hpp>

#include "filters/rules/table_text.hpp"
#include "protocol/binlog/mariadb_compression.hpp"
#include "proxy/base/escaped_text.hpp"
#include "proxy/events/row_text.hpp"
#include "proxy/events/time_text.hpp"

namespace sluice::proxy::events {
namespace {

constexpr std::string_view margin = "            ";

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}
std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

/// The rows of an event without MariaDB's compression, or why they cannot be had.
boost::system::result<binlog::RowsBody, std::string> rows_of(const EventRecord& record,
                                                             std::size_t limit, Buffer& plain) {
  const auto& seen = record.seen;
  const std::string malformed = "the event is malformed";
  if (record.table == nullptr) return "no TABLE_MAP announced their table";
  if (!record.table->problem.empty()) return record.table->problem;
  if (seen.event.size() < seen.header.size) return "the event is too large";
  const std::size_t end = seen.header.size - binlog::checksum_size(seen.format.checksum);
  auto body = binlog::parse_rows_body(seen.header.type,
                                      seen.event.first(end).subspan(binlog::event_header_size));
  if (!body) return malformed;
  if (!body->compressed) return *body;
  if (binlog::uncompressed_size(body->rows) > limit) return std::string(too_large);
  auto uncompressed = binlog::uncompress_event_part(body->rows, limit);
  if (!uncompressed) return malformed;
  plain = std::move(*uncompressed);
  body->rows = plain;
  return *body;
}

bool shows_text(const EventRecord& record, const PrintOptions& options) {
  if (!record.text || options.statements == ShownStatements::none) return false;
  if (options.statements == ShownStatements::all) return true;
  const bool account = record.statement &&
                       filters::rule_of(*record.statement).rule == filters::StatementRule::accounts;
  return !record.seen.dropped && !record.stops && !account;
}

}  // namespace

std::string type_text(binlog::EventType type) {
  const std::string_view name = binlog::name_of(type);
  if (name != "UNKNOWN") return std::string(name);
  return "UNKNOWN (" + std::to_string(static_cast<int>(type)) + ")";
}

std::string subject_text(const EventRecord& record) {
  std::string text;
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text += (text.empty() ? "" : "  ") + more;
  };
  if (!record.schema_name().empty()) {
    add(escaped(filters::table_text(record.schema_name(), record.table_name())));
  }
  if (record.statement) add(std::string(filters::to_string(*record.statement)));
  if (!record.default_schema.empty()) add("in " + escaped(record.default_schema));
  add(escaped(record.detail));
  return text;
}

std::string verdict_text(const EventRecord& record) {
  const auto& seen = record.seen;
  if (record.stops) return "stop";
  if (seen.dropped) {
    return "drop " + std::string(seen.rule ? filters::to_string(*seen.rule) : "unused");
  }
  if (seen.header.type == binlog::EventType::transaction_payload) return "look inside";
  return "keep";
}

void EventPrinter::print(const EventRecord& record) {
  if (options_.only_dropped && !record.seen.dropped && !record.stops) return;
  options_.json ? print_json(record) : print_text(record);
}

void EventPrinter::print_text(const EventRecord& record) {
  const auto& header = record.seen.header;
  const bool inside = record.seen.in_payload;
  // The line of the payload, which has the position, may be left out.
  const bool placed = !inside || options_.only_dropped;
  std::string line = right(placed ? std::to_string(record.position) : "|", 10) + "  ";
  line += padded(time_text(header.timestamp), 19) + "  ";
  line += padded((inside ? "| " : "") + type_text(header.type), 24) + " ";
  line += right(std::to_string(header.size), 9) + "  ";
  line += padded(verdict_text(record), 18) + "  " + subject_text(record);
  const bool with_gtid = options_.only_dropped || binlog::is_gtid(header.type);
  if (with_gtid && !record.gtid.empty()) {
    line += (line.ends_with(' ') ? "" : "  ") + escaped(record.gtid);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_.write(line + "\n");
  print_content(record, options_, out_);
}

void print_content(const EventRecord& record, const PrintOptions& options, Output& out) {
  if (shows_text(record, options)) out.write(std::string(margin) + escaped(*record.text) + "\n");
  if (!options.rows || !record.has_rows()) return;
  Buffer plain;
  if (const auto body = rows_of(record, options.max_rows, plain)) {
    print_rows_text(record.table->metadata, *body, options.max_rows, margin, out);
  } else {
    out.write(std::string(margin) + "rows that cannot be read: " + body.error() + "\n");
  }
}

void EventPrinter::print_json(const EventRecord& record) {
  JsonObject line;
  line.text("file", record.file);
  line.number("position", record.position);
  add_members(record, options_, line, out_);
  out_.write(line.finish() + "\n");
}

void add_members(const EventRecord& record, const PrintOptions& options, JsonObject& line,
                 Output& out) {
  const auto& seen = record.seen;
  if (seen.in_payload) line.flag("in_payload");
  if (seen.header.timestamp != 0) line.text("time", time_text(seen.header.timestamp));
  line.text("type", type_text(seen.header.type));
  line.number("size", seen.header.size);
  line.number("server_id", seen.header.server_id);
  if (!record.gtid.empty()) line.text("gtid", record.gtid);
  if (!record.schema_name().empty()) {
    line.text("schema", record.schema_name());
    line.text("table", record.table_name());
  }
  if (record.statement) line.text("statement", filters::to_string(*record.statement));
  if (!record.default_schema.empty()) line.text("default_schema", record.default_schema);
  if (!record.detail.empty()) line.text("detail", record.detail);
  line.text("verdict", seen.dropped && !record.stops ? "drop" : verdict_text(record));
  if (seen.rule) line.text("rule", filters::to_string(*seen.rule));
  if (shows_text(record, options)) line.text("text", *record.text);
  if (!options.rows || !record.has_rows()) return;
  Buffer plain;
  std::string problem;
  if (const auto body = rows_of(record, options.max_rows, plain)) {
    line.name("rows");
    out.write(line.take());
    print_rows_json(record.table->metadata, *body, options.max_rows, out, problem);
  } else {
    problem = body.error();
  }
  if (!problem.empty()) line.text("rows_problem", problem);
}

}  // namespace sluice::proxy::events

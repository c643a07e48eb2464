// The codecs of binlog events: each on the same bytes. Input: the event.
#include "fuzz/fuzz.hpp"
#include "protocol/binlog/event_header.hpp"
#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/gtid_event.hpp"
#include "protocol/binlog/heartbeat.hpp"
#include "protocol/binlog/mariadb_gtid.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rotate.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/table_map.hpp"

using namespace sluice;
using fuzz::expect;

namespace {

/// Views must lie within the event they were read from.
void expect_within(std::string_view view, Bytes event) {
  if (view.empty()) return;
  const std::string_view whole = as_text(event);
  expect(view.data() >= whole.data() && view.data() + view.size() <= whole.data() + whole.size(),
         "a view points into its event");
}

void parse_body(const binlog::EventHeader& header, Bytes body) {
  for (const auto size : {binlog::query_post_header_size, binlog::execute_load_post_header_size}) {
    if (const auto query = binlog::parse_query_event(body, size)) {
      expect_within(query->schema, body);
      expect_within(query->text, body);
      (void)binlog::parse_status_variables(query->status_variables);
    }
  }
  if (const auto map = binlog::parse_table_map(body)) {
    expect_within(map->schema, body);
    expect_within(map->table, body);
  }
  (void)binlog::parse_rows_prefix(body);
  (void)binlog::parse_mariadb_gtid(header, body);
  using enum binlog::EventType;
  for (const auto type : {gtid, anonymous_gtid, gtid_tagged}) {
    if (const auto parsed = binlog::parse_gtid_event(type, body)) {
      expect(!to_text(*parsed).empty(), "a GTID has a text");
    }
  }
  if (const auto heartbeat = binlog::parse_heartbeat(header, body)) {
    expect_within(heartbeat->file, body);
  }
}

}  // namespace

FUZZ_TARGET(events) {
  const Buffer event = fuzz::exact(input);
  if (const auto rotate = binlog::parse_rotate(event)) expect_within(rotate->file, event);
  if (const auto format = binlog::parse_format_description(event)) {
    expect(format->server_version.size() <= 50, "a version has 50 bytes at most");
  }
  if (const auto header = binlog::parse_event_header(event)) {
    expect(header->size >= binlog::event_header_size, "an event has its header");
    expect(!binlog::name_of(header->type).empty(), "every type has a name");
    parse_body(*header, fuzz::exact(Bytes(event).subspan(binlog::event_header_size)));
  }
}

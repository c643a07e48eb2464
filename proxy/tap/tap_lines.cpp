#include "proxy/tap/tap_lines.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "proxy/base/escaped_text.hpp"
#include "proxy/events/event_printer.hpp"
#include "proxy/events/time_text.hpp"
#include "proxy/tap/packet_text.hpp"

namespace sluice::proxy::tap {

using events::EventReader;
using events::EventRecord;
using filters::SeenEvent;

namespace {

/// What is shown of an event's rows is held until its reader has taken it.
constexpr std::size_t max_rows = std::size_t{1} << 20;

/// "2026-11-25 01:02:03.456" in UTC.
std::string moment_text(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03d", static_cast<int>(since.count() % 1000));
  return events::time_text(static_cast<std::uint32_t>(since.count() / 1000)) + fraction.data();
}

/// The day is told by what is around the lines, if anybody must know.
std::string line_begin(const TapEntry& entry, std::string_view arrow) {
  constexpr std::size_t day = 11;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%s  #%-5u %.2s  ",
                moment_text(entry.time).substr(day).c_str(), entry.session->id, arrow.data());
  return text.data();
}

/// A place may be as long as a file's name.
std::string line_middle(std::string place, const std::string& type, std::uint64_t size) {
  constexpr std::size_t usual_place = 26;
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), " %-24.40s %8llu", type.c_str(),
                static_cast<unsigned long long>(size));
  place.resize(std::max(place.size(), usual_place), ' ');
  return place + text.data();
}

std::string_view arrow_of(Direction direction) {
  return direction == Direction::up ? "<-" : "->";
}

JsonObject object_begin(const TapEntry& entry) {
  JsonObject line;
  line.text("at", moment_text(entry.time));
  line.text("relay", entry.session->relay);
  line.number("session", entry.session->id);
  return line;
}

std::string_view name_of(Direction direction) {
  return direction == Direction::up ? "up" : "down";
}

SeenEvent seen_of(const EventEntry& event, const binlog::EventHeader& header, Bytes bytes) {
  return {event.file,
          event.position,
          header,
          bytes,
          *event.format,
          event.dropped,
          event.in_payload,
          event.rule,
          {event.schema, event.table, event.statement}};
}

}  // namespace

void TapLines::print(const TapEntry& entry) {
  if (const auto* event = std::get_if<EventEntry>(&entry.what)) {
    print_event(entry, *event);
  } else if (const auto* packet = std::get_if<PacketEntry>(&entry.what)) {
    print_packet(entry, *packet);
  } else {
    print_session(entry, std::get<SessionEntry>(entry.what));
  }
}

void TapLines::print_lost(std::uint64_t lost) {
  if (lost == 0) return;
  if (filter_.format == TapFilter::Format::json) {
    JsonObject line;
    line.number("lost", lost);
    out_.write(line.finish() + "\n");
  } else {
    out_.write("... " + std::to_string(lost) +
               " lost here: they came faster than they were read\n");
  }
}

void TapLines::print_event(const TapEntry& entry, const EventEntry& event) {
  EventReader reader(event.file, {event.with_content && filter_.rows, event.with_content});
  if (event.table_map) {
    if (const auto header = binlog::parse_event_header(*event.table_map)) {
      (void)reader.read(seen_of(event, *header, *event.table_map));
    }
  }
  reader.begin_at(event.position, event.gtid);
  const SeenEvent seen = seen_of(event, event.header, event.event);
  const EventRecord record = reader.read(seen);
  const std::string_view schema =
      record.schema_name().empty() ? record.default_schema : record.schema_name();
  if (filter_.wants_schema(schema)) print_record(entry, record, event.with_content);
}

void TapLines::print_record(const TapEntry& entry, const EventRecord& record, bool with_content) {
  events::PrintOptions options;
  options.rows = with_content && filter_.rows;
  options.max_rows = max_rows;
  if (with_content) options.statements = events::ShownStatements::kept;
  if (filter_.format == TapFilter::Format::json) {
    JsonObject line = object_begin(entry);
    line.text("direction", name_of(Direction::down));
    line.text("file", record.file);
    line.number("position", record.position);
    events::add_members(record, options, line, out_);
    out_.write(line.finish() + "\n");
    return;
  }
  std::string place = escaped(record.file) + ":" + std::to_string(record.position);
  if (record.file.empty()) place.clear();  // before the first ROTATE
  if (record.seen.in_payload) place = "|";
  std::string line =
      line_begin(entry, arrow_of(Direction::down)) +
      line_middle(place, events::type_text(record.seen.header.type), record.seen.header.size);
  for (const auto& more :
       {events::verdict_text(record), events::subject_text(record), escaped(record.gtid)}) {
    if (!more.empty()) line += "  " + more;
  }
  out_.write(line + "\n");
  events::print_content(record, options, out_);
}

void TapLines::print_packet(const TapEntry& entry, const PacketEntry& packet) {
  const auto words = describe(packet);
  if (filter_.format == TapFilter::Format::json) {
    JsonObject line = object_begin(entry);
    line.text("direction", name_of(packet.direction));
    line.text("packet", words.name);
    line.number("size", packet.size);
    if (!words.detail.empty()) line.text("detail", words.detail);
    out_.write(line.finish() + "\n");
    return;
  }
  std::string line =
      line_begin(entry, arrow_of(packet.direction)) + line_middle("", words.name, packet.size);
  if (!words.detail.empty()) line += "  " + escaped(words.detail);
  out_.write(line + "\n");
}

void TapLines::print_session(const TapEntry& entry, const SessionEntry& session) {
  if (filter_.format == TapFilter::Format::json) {
    JsonObject line = object_begin(entry);
    line.text("note", session.begins ? "begins" : "ends");
    line.text("peer", entry.session->peer);
    if (!session.reason.empty()) line.text("reason", session.reason);
    out_.write(line.finish() + "\n");
    return;
  }
  out_.write(line_begin(entry, "--") + entry.session->relay + ": " + entry.session->peer +
             (session.begins ? " connects" : " ends: " + escaped(session.reason)) + "\n");
}

}  // namespace sluice::proxy::tap

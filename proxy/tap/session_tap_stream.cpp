// SessionTap's second part: a dump, by its packets and by its events.
#include <algorithm>

#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/table_map.hpp"
#include "protocol/server_limits.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/packet.hpp"
#include "proxy/events/event_record.hpp"
#include "proxy/tap/session_tap.hpp"

namespace sluice::proxy::tap {

using binlog::EventType;
using events::EventReader;
using filters::SeenEvent;

namespace {

/// A piece of a packet that is copied at a time, and as much of an event as is read.
constexpr std::size_t max_piece = std::size_t{64} << 10;

/// What stands before the text of a statement.
std::size_t size_before_text(const SeenEvent& seen) {
  const auto query = binlog::parse_query_event(seen.event.subspan(binlog::event_header_size),
                                               binlog::post_header_size_of(seen.header.type));
  if (!query) return binlog::event_header_size;
  return static_cast<std::size_t>(as_bytes(query->text).data() - seen.event.data());
}

}  // namespace

/// Somebody who comes in the middle is told what is under way, as if the dump began here.
void SessionTap::join_stream(const filters::StreamFilter& filter, bool semi_sync) {
  rest_of_packet_ = filter.rest_of_packet();
  event_goes_on_ = filter.event_goes_on();
  semi_sync_ = semi_sync;
  for (Reader& reader : readers_) {
    if (!reader.wants_stream() || reader.in_stream) continue;
    reader.in_stream = true;
    reader.losing = rest_of_packet_ > 0;
    Buffer dump, packet;
    std::uint8_t sequence = 0;
    const auto& at = filter.position();
    wire::serialize(wire::BinlogDump{static_cast<std::uint32_t>(at.position), 0, 0, at.file}, dump);
    wire::append_packet(packet, dump, sequence);
    (void)copy(reader, PacketKind::command, Direction::up, packet, packet.size());
  }
}

void SessionTap::released(Bytes bytes) {
  while (!bytes.empty()) {
    // A packet's header is never released in part.
    if (rest_of_packet_ == 0) {
      if (bytes.size() < wire::packet_header_size) return;
      const auto size = static_cast<std::size_t>(load_le<3>(bytes.data()));
      rest_of_packet_ = wire::packet_header_size + size;
      const Bytes piece = bytes.first(std::min({rest_of_packet_, bytes.size(), max_piece}));
      begin_packet(piece);
      event_goes_on_ = size == wire::max_packet_payload;
      rest_of_packet_ -= piece.size();
      bytes = bytes.subspan(piece.size());
    } else {
      const Bytes piece = bytes.first(std::min({rest_of_packet_, bytes.size(), max_piece}));
      continue_packet(piece);
      rest_of_packet_ -= piece.size();
      bytes = bytes.subspan(piece.size());
    }
  }
}

void SessionTap::begin_packet(Bytes piece) {
  for (Reader& reader : readers_) {
    if (!reader.wants_stream() || !reader.in_stream) continue;
    std::size_t shown = piece.size();
    if (!reader.with_content) {
      shown = wire::packet_header_size;
      // A packet that continues an event has nothing but content.
      if (!event_goes_on_) {
        shown += size_of_head(PacketKind::event, piece.subspan(shown), semi_sync_);
      }
    }
    reader.losing =
        !copy(reader, PacketKind::event, Direction::down, piece.first(shown), piece.size());
  }
}

/// Of a packet whose beginning is lost nobody could make anything.
void SessionTap::continue_packet(Bytes piece) {
  for (Reader& reader : readers_) {
    if (!reader.wants_stream() || !reader.in_stream) continue;
    if (reader.losing || !reader.with_content) {
      reader.offsets[static_cast<std::size_t>(Direction::down)] += piece.size();
    } else {
      reader.losing = !copy(reader, PacketKind::event, Direction::down, piece, piece.size());
    }
  }
}

std::size_t SessionTap::bytes_wanted(const binlog::EventHeader& header) const {
  std::size_t wanted = 0;
  for (const Reader& reader : readers_) {
    if (reader.wants_stream()) continue;
    const EventReader::Needs needs{reader.with_content && reader.filter().rows,
                                   reader.with_content};
    wanted = std::max(wanted, EventReader::bytes_wanted(header, needs));
  }
  return std::min(wanted, max_piece);
}

void SessionTap::event(const SeenEvent& seen, const filters::StreamFilter& filter) {
  // Without rules the filter does not tell which table a row event is for.
  const bool named = !seen.subject.schema.empty();
  if (wants_rows_ || !named) maps_.see(seen);
  std::string gtid;
  bool has_gtid = false;
  for (Reader& reader : readers_) {
    if (reader.wants_stream() || !reader.filter().may_want(seen) || !make_room(reader)) continue;
    if (!has_gtid) gtid = filter.last_gtid();
    has_gtid = true;
    note_format(seen.format);
    copy_event(reader, seen, gtid);
  }
}

bool SessionTap::has_room_for_events() const {
  return std::ranges::any_of(readers_, [](const Reader& reader) {
    if (reader.wants_stream()) return false;
    return !reader.subscription->queue.is_full() || !reader.filter().wants_all_events();
  });
}

void SessionTap::missed(std::uint64_t events) {
  maps_.clear();
  for (Reader& reader : readers_) {
    if (!reader.wants_stream()) reader.lost += events;
  }
}

/// As much of an event as the reader may see and needs.
std::size_t SessionTap::copied_size(const SeenEvent& seen, const Reader& reader) {
  const bool content = reader.with_content && !seen.dropped;
  const EventType type = seen.header.type;
  std::size_t size =
      EventReader::bytes_wanted(seen.header, {content && reader.filter().rows, content});
  if (is_annotation(type) && !content) size = binlog::event_header_size;
  // The kind of a statement that no rule has looked at is told by its text.
  if (is_statement(type) && !content && seen.subject.statement) size = size_before_text(seen);
  return std::min({std::max(size, binlog::event_header_size), seen.event.size(), max_piece});
}

void SessionTap::copy_event(Reader& reader, const SeenEvent& seen, const std::string& gtid) {
  EventEntry entry;
  entry.file = seen.file.substr(0, max_file_name);
  entry.position = seen.position;
  entry.header = seen.header;
  const Bytes shown = seen.event.first(copied_size(seen, reader));
  entry.event.assign(shown.begin(), shown.end());
  if (binlog::rows_layout(seen.header.type)) entry.table_map = maps_.find(seen);
  entry.format = format_;
  entry.dropped = seen.dropped;
  entry.in_payload = seen.in_payload;
  entry.rule = seen.rule;
  entry.statement = seen.subject.statement;
  entry.schema = seen.subject.schema.substr(0, binlog::max_name);
  entry.table = seen.subject.table.substr(0, binlog::max_name);
  entry.gtid = gtid;
  entry.with_content = reader.with_content && !seen.dropped;
  add(reader, std::move(entry));
}

/// Shared by the entries: it changes with the file, and within payloads.
void SessionTap::note_format(const binlog::FormatDescription& format) {
  const bool same = format_ && format_->version == format.version &&
                    format_->mariadb == format.mariadb && format_->checksum == format.checksum;
  if (!same) format_ = std::make_shared<const binlog::FormatDescription>(format);
}

}  // namespace sluice::proxy::tap

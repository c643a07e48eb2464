// Recorded dumps of real masters through the filter.
#include <doctest/doctest.h>

#include "filters/stream/stream_filter.hpp"
#include "protocol/binlog/checksum.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using binlog::EventType;
using filters::StreamFilter;
using filters::SystemSchema;
using filters::TableRules;
using test::packets_of;
using test::Recording;
using test::recordings;
using State = StreamFilter::State;

namespace {

const TableRules keep_all(SystemSchema::keep, {}, {});
const TableRules drop_system;

/// As a connection would: pieces come in, what is not released comes again, each time in a buffer
/// of the exact size.
Buffer pass(StreamFilter& filter, Bytes stream, std::size_t piece) {
  Buffer out, pending;
  while (!stream.empty() && filter.state() == State::flowing) {
    const Bytes more = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(more.size());
    pending.insert(pending.end(), more.begin(), more.end());
    Buffer exact(pending);
    const auto split = exact.begin() + static_cast<std::ptrdiff_t>(filter.scan(exact));
    out.insert(out.end(), exact.begin(), split);
    pending.assign(split, exact.end());
  }
  return out;
}

bool is_secret(Bytes event) {
  return as_text(event).find("secret") != std::string_view::npos;
}

bool is_companion(EventType type) {
  return type == EventType::intvar || type == EventType::rand || type == EventType::user_var;
}

/// Compressed events do not say what is in them.
bool is_compressed(const Recording& recording) {
  return recording.has("compressed");
}

bool has_checksums(const Recording& recording) {
  return !recording.has("nochecksum");
}

/// These have the first file only, and end with EOF.
bool is_one_file(const Recording& recording) {
  return is_compressed(recording) || !has_checksums(recording) || recording.has("forms");
}

bool ends(const Recording& recording) {
  return is_one_file(recording) || recording.has("mysqlbinlog");
}

/// Where the master says that the recording ends: its last heartbeat, or the last event of the
/// file.
std::uint64_t end_of(const Recording& recording) {
  std::uint64_t end = 0;
  for (const auto& event : recording.events()) {
    if (event.header.type == EventType::rotate || event.header.log_pos != 0)
      end = event.header.log_pos;
  }
  return end;
}

/// The events of a dump and what stands before each in its packet.
struct Compared {
  Bytes before, after;
  binlog::EventHeader header_before, header_after;
};

std::vector<Compared> side_by_side(const Recording& recording, Bytes out) {
  const auto before = packets_of(recording.stream, recording.semi_sync());
  const auto after = packets_of(out, recording.semi_sync());
  REQUIRE(before.size() == after.size());
  std::vector<Compared> compared;
  for (std::size_t i = 0; i < before.size(); ++i) {
    REQUIRE(std::ranges::equal(before[i].prefix, after[i].prefix));  // length, sequence, semi-sync
    REQUIRE(before[i].event.size() == after[i].event.size());
    if (before[i].event.empty()) continue;
    compared.push_back({before[i].event, after[i].event,
                        *binlog::parse_event_header(before[i].event),
                        *binlog::parse_event_header(after[i].event)});
  }
  return compared;
}

/// What stands in the place of a dropped event.
void check_no_op(const Compared& event, bool crc) {
  const auto& [before, after, was, is] = event;
  CHECK(is.size == was.size);
  CHECK(is.log_pos == was.log_pos);
  CHECK(is.timestamp == was.timestamp);
  CHECK(is.server_id == was.server_id);
  CHECK_FALSE(is_secret(after));
  if (crc)
    CHECK(load_le<4>(after.last(4).data()) == binlog::crc32_of(after.first(after.size() - 4)));
  const auto text = as_text(after);
  CHECK((is.type == EventType::ignorable || text.find("COMMIT ") != std::string_view::npos ||
         text.find("SAVEPOINT _") != std::string_view::npos || is.type == was.type));
}

}  // namespace

TEST_CASE("recorded streams: without rules they come out byte for byte") {
  CHECK(recordings().size() >= 35);
  for (const Recording& recording : recordings()) {
    CAPTURE(recording.name);
    for (std::size_t piece = 1; piece <= 64; ++piece) {
      StreamFilter filter(keep_all, {filters::packets(recording.semi_sync())});
      REQUIRE(pass(filter, recording.stream, piece) == recording.stream);
    }
    StreamFilter filter(keep_all, {filters::packets(recording.semi_sync())});
    CHECK(pass(filter, recording.stream, recording.stream.size()) == recording.stream);
    CHECK(filter.state() == (ends(recording) ? State::ended : State::flowing));
    CHECK(filter.counters().bytes == recording.stream.size());
    CHECK(filter.counters().events == recording.events().size());
    CHECK(filter.position().position == end_of(recording));
    CHECK(filter.position().file == (is_one_file(recording) ? "binlog.000001" : "binlog.000002"));
    CHECK(filter.at_group_border());
    CHECK(filter.between_packets());
    if (!ends(recording)) {
      const auto last = packets_of(recording.stream, recording.semi_sync()).back();
      CHECK(filter.next_sequence() == static_cast<std::uint8_t>(last.sequence() + 1));
    }
  }
}

TEST_CASE("recorded streams: system tables and accounts are wiped, everything else stays") {
  for (const Recording& recording : recordings()) {
    if (is_compressed(recording) || recording.has("within")) continue;
    CAPTURE(recording.name);
    StreamFilter filter(drop_system, {filters::packets(recording.semi_sync())});
    const Buffer out = pass(filter, recording.stream, recording.stream.size());
    CHECK(filter.state() == (ends(recording) ? State::ended : State::flowing));
    CHECK(filter.position().position == end_of(recording));
    const auto events = side_by_side(recording, out);
    std::size_t dropped = 0;
    bool next_is_dropped = false;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      CAPTURE(event->header_before.log_pos);
      CAPTURE(binlog::name_of(event->header_before.type));
      // Numbers and seeds go where their statement goes.
      const bool expected =
          is_secret(event->before) || (is_companion(event->header_before.type) && next_is_dropped);
      next_is_dropped = expected;
      REQUIRE(std::ranges::equal(event->before, event->after) == !expected);
      if (!expected) continue;
      ++dropped;
      check_no_op(*event, has_checksums(recording));
    }
    CHECK(dropped == filter.counters().dropped_events);
    CHECK(dropped >= (is_one_file(recording) ? 5 : 13));
    for (std::size_t piece = 1; piece <= 64; ++piece) {
      StreamFilter again(drop_system, {filters::packets(recording.semi_sync())});
      REQUIRE(pass(again, recording.stream, piece) == out);
    }
  }
}

TEST_CASE("recorded streams: a dump from within a transaction needs to know what came before") {
  std::size_t seen = 0;
  for (const Recording& recording : recordings()) {
    if (!recording.has("within")) continue;
    CAPTURE(recording.name);
    const auto stem = recording.name.substr(0, recording.name.rfind('-'));
    const Recording& whole = test::recording(stem + "-filepos");
    StreamFilter filter(drop_system);
    Buffer received(recording.stream);
    std::size_t released = filter.scan(received);
    REQUIRE(filter.state() == State::needs_context);

    StreamFilter behind(drop_system);
    behind.stop_at_position(filter.position().position);
    Buffer from_start(whole.stream);
    (void)behind.scan(from_start);
    REQUIRE(behind.state() == State::stopped);
    filter.adopt_context(behind.context());
    released += filter.scan(MutableBytes(received).subspan(released));
    CHECK(released == received.size());
    CHECK(filter.state() == State::flowing);
    CHECK(filter.position().position == end_of(recording));

    // From there on it is what a dump of the whole file gives.
    StreamFilter reference(drop_system);
    const Buffer expected = pass(reference, whole.stream, whole.stream.size());
    const auto tail = test::read_events(received), all = test::read_events(expected);
    for (std::size_t i = 1; i < 40; ++i) {
      CHECK(tail[tail.size() - i].bytes == all[all.size() - i].bytes);
    }
    ++seen;
  }
  CHECK(seen >= 5);
}

TEST_CASE("recorded streams: what MariaDB compresses event by event is filtered") {
  std::size_t seen = 0;
  for (const Recording& recording : recordings()) {
    if (!is_compressed(recording) || !recording.mariadb()) continue;
    CAPTURE(recording.name);
    StreamFilter filter(drop_system);
    const Buffer out = pass(filter, recording.stream, 100);
    CHECK(filter.state() == State::ended);
    CHECK_FALSE(is_secret(out));
    const auto before = recording.events(), after = test::read_events(out);
    REQUIRE(after.size() == before.size());
    bool dropping = false;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const auto type = before[i].header.type;
      if (type == EventType::annotate_rows || type == EventType::table_map ||
          type == EventType::xid) {
        dropping = is_secret(before[i].bytes);
      }
      const bool expected = is_secret(before[i].bytes) || (dropping && binlog::rows_layout(type));
      CHECK((before[i].bytes == after[i].bytes) == !expected);
      seen += type == EventType::query_compressed;
    }
  }
  CHECK(seen >= 2);
}

TEST_CASE("recorded streams: rarer forms, and what stands in their place") {
  // Type of the event that is dropped, and of the one in its place.
  using Pair = std::pair<EventType, EventType>;
  const auto replaced = [](std::string_view name) {
    std::vector<Pair> pairs;
    const Recording& recording = test::recording(name);
    StreamFilter filter(drop_system);
    const Buffer out = pass(filter, recording.stream, recording.stream.size());
    for (const Compared& event : side_by_side(recording, out)) {
      if (!std::ranges::equal(event.before, event.after)) {
        pairs.emplace_back(event.header_before.type, event.header_after.type);
      }
    }
    return pairs;
  };
  const auto has = [](const std::vector<Pair>& pairs, EventType was, EventType is) {
    return std::ranges::find(pairs, Pair{was, is}) != pairs.end();
  };
  using enum EventType;
  for (const char* name : {"mysql-5.6-forms", "mysql-5.7-forms", "mysql-8.0-forms"}) {
    const auto pairs = replaced(name);
    CHECK(has(pairs, table_map, query));      // SAVEPOINT
    CHECK(has(pairs, table_map, ignorable));  // of a statement over both
    CHECK(has(pairs, write_rows_v1, ignorable));
    CHECK(has(pairs, update_rows_v1, update_rows_v1));  // which ends such a statement
    CHECK(has(pairs, delete_rows_v1, ignorable));
  }
  const auto mysql = replaced("mysql-9.7-forms");
  CHECK(has(mysql, partial_update_rows, ignorable));
  CHECK(has(mysql, partial_update_rows, partial_update_rows));
  CHECK(has(mysql, query, query));      // DDL on its own
  CHECK(has(mysql, query, ignorable));  // CREATE TABLE within the transaction that fills it
  CHECK_FALSE(has(mysql, table_map, query));
  for (const char* name : {"mariadb-10.11-forms", "mariadb-11.8-forms"}) {
    const auto pairs = replaced(name);
    CHECK(has(pairs, annotate_rows, ignorable));
    // Each ALTER TABLE is two: its start, and its end or its undoing.
    CHECK(std::ranges::count(pairs, Pair{query, query}) >= 5);
    CHECK(has(pairs, update_rows_v1, update_rows_v1));
  }
}

TEST_CASE("recorded streams: the GTID of the group under way") {
  for (const Recording& recording : recordings()) {
    CAPTURE(recording.name);
    StreamFilter filter(keep_all, {filters::packets(recording.semi_sync())});
    CHECK(filter.last_gtid().empty());
    std::size_t groups = 0;
    for (const auto& packet : packets_of(recording.stream, recording.semi_sync())) {
      Buffer bytes(packet.prefix.begin(), packet.prefix.end());
      bytes.insert(bytes.end(), packet.event.begin(), packet.event.end());
      REQUIRE(filter.scan(bytes) == bytes.size());
      if (packet.event.empty()) continue;
      const auto header = *binlog::parse_event_header(packet.event);
      const Bytes body = packet.event.subspan(binlog::event_header_size);
      const auto fixed = [&](std::size_t at, std::size_t width) {
        return load_le(body.data() + at, width);
      };
      binlog::Uuid uuid{};
      switch (header.type) {
        case EventType::mariadb_gtid:
          CHECK(filter.last_gtid() == std::to_string(fixed(8, 4)) + "-" +
                                          std::to_string(header.server_id) + "-" +
                                          std::to_string(fixed(0, 8)));
          break;
        case EventType::gtid:
          std::copy_n(body.begin() + 1, uuid.size(), uuid.begin());
          CHECK(filter.last_gtid() == binlog::uuid_text(uuid) + ":" + std::to_string(fixed(17, 8)));
          break;
        case EventType::gtid_tagged:
          CHECK(filter.last_gtid().find(":tag_1:") == 36);
          break;
        case EventType::anonymous_gtid:
          CHECK(filter.last_gtid() == "ANONYMOUS");
          break;
        default:
          continue;
      }
      ++groups;
    }
    const bool none = recording.has("mysql-5.6") && !recording.has("gtid");
    CHECK((groups == 0) == none);
    CHECK(filter.last_gtid().empty() == none);
  }
}

TEST_CASE("recorded streams: heartbeats carry the position past transactions that are left out") {
  std::size_t jumps = 0;
  for (const Recording& recording : recordings()) {
    CAPTURE(recording.name);
    StreamFilter filter(drop_system, {filters::packets(recording.semi_sync())});
    for (const auto& packet : packets_of(recording.stream, recording.semi_sync())) {
      const auto before = filter.position();
      Buffer bytes(packet.prefix.begin(), packet.prefix.end());
      bytes.insert(bytes.end(), packet.event.begin(), packet.event.end());
      const std::size_t released = filter.scan(bytes);
      if (packet.event.empty() || released == 0) break;
      const auto header = *binlog::parse_event_header(packet.event);
      if (!is_heartbeat(header.type)) continue;
      CHECK(filter.newest_event() == 0);
      CHECK(filter.position().file == before.file);
      CHECK(filter.position().position == header.log_pos);
      jumps += filter.position().position > before.position;
    }
  }
  CHECK(jumps >= 4);  // MySQL's dumps by GTID that were resumed
}

TEST_CASE("recorded streams: events cut at every byte") {
  for (const Recording& recording : recordings()) {
    if (!recording.has("filepos")) continue;
    CAPTURE(recording.name);
    const auto packets = packets_of(recording.stream, false);
    const std::size_t head = packets[0].prefix.size() + packets[0].event.size() +
                             packets[1].prefix.size() + packets[1].event.size();
    for (const auto& packet : packets) {
      for (std::size_t size = binlog::event_header_size; size < packet.event.size(); ++size) {
        // A whole packet, and an event that says it is that long.
        Buffer stream(recording.stream.begin(),
                      recording.stream.begin() + static_cast<std::ptrdiff_t>(head));
        Writer(stream).u24(1 + size).u8(3).u8(0).bytes(packet.event.first(size));
        store_le(stream.data() + head + 5 + 9, size, 4);
        StreamFilter filter(drop_system);
        filter.adopt_context({filters::GroupState::Phase::in_transaction,
                              {{109, filters::DropRule::system_schema, true}},
                              false});
        const std::size_t released = filter.scan(stream);
        CHECK((released == head || released == stream.size()));
        CHECK(filter.state() != State::ended);
        // It is let through, or held, or the stream ends here for a reason.
        if (released == head && filter.state() == State::failed) {
          CHECK_FALSE(filter.failure()->reason.empty());
        }
      }
    }
  }
}

TEST_CASE("a heartbeat moves the position forward only, and only in its file") {
  struct Case {
    EventType type;
    std::string_view file;
    std::uint64_t position, expected;
  };
  const std::uint64_t start = 1000, gib = std::uint64_t{1} << 30;
  for (const auto& [type, file, position, expected] :
       {Case{EventType::heartbeat, "binlog.000001", 2000, 2000},
        Case{EventType::heartbeat, "binlog.000001", 999, start},
        Case{EventType::heartbeat, "binlog.000001", 3 * gib, 3 * gib},
        Case{EventType::heartbeat, "binlog.000002", 2000, start},
        Case{EventType::heartbeat, "binlog.00000", 2000, start},
        Case{EventType::heartbeat_v2, "binlog.000001", 2000, 2000},
        Case{EventType::heartbeat_v2, "binlog.000001", 999, start},
        Case{EventType::heartbeat_v2, "binlog.000001", 9 * gib, 9 * gib},
        Case{EventType::heartbeat_v2, "binlog.000002", 2000, start}}) {
    CAPTURE(file);
    CAPTURE(position);
    test::BinlogBuilder builder({});
    builder.begin_dump("binlog.000001", start)
        .heartbeat(file, position, type == EventType::heartbeat_v2);
    for (const std::size_t piece : {std::size_t{1}, builder.size()}) {
      StreamFilter filter(drop_system);
      CHECK(pass(filter, builder.stream(), piece) == builder.stream());
      CHECK(filter.position() == filters::Coordinates{"binlog.000001", expected});
    }
  }
}

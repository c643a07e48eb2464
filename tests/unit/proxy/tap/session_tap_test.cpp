#include "proxy/tap/session_tap.hpp"

#include <doctest/doctest.h>

#include "protocol/wire/command.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"
#include "unit/proxy/tap/tap_support.hpp"

using namespace sluice;
using namespace sluice::proxy::tap;
using test::BinlogBuilder;
using test::lines_of;
using test::pass;
using test::TappedSession;

namespace {

BinlogBuilder a_dump() {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  builder.standalone_gtid().query("CREATE USER u IDENTIFIED BY 'TOPSECRET'", "");
  builder.begin().rows_query("both TOPSECRET").table_map(1, "app", "t").table_map(2, "mysql", "x");
  builder.rows(2, false, "TOPSECRET")
      .rows(1, true,
            std::string("\0\x07\0\0\0\x04"
                        "kept",
                        10))
      .xid();
  builder.standalone_gtid().query("CREATE TABLE t (a INT)");
  return builder;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// What was copied of the stream, if nothing is missing.
Buffer joined(Subscription& reader) {
  Buffer all;
  for (const auto& entry : reader.queue.take().entries) {
    const auto& packet = std::get<PacketEntry>(entry.what);
    if (packet.kind != PacketKind::event) continue;
    REQUIRE(packet.offset == all.size());
    REQUIRE(packet.size == packet.bytes.size());
    all.insert(all.end(), packet.bytes.begin(), packet.bytes.end());
  }
  return all;
}

}  // namespace

TEST_CASE("events are told with their verdicts, and content only of what passes") {
  TappedSession session;
  const auto full = session.add("format=json&rows=1");
  const auto metadata = session.add("format=json", false);
  const auto dropped = session.add("dropped=1&schema=mysql");
  (void)pass(session, a_dump().stream(), 100000);

  const std::string of_full = lines_of(*full);
  CHECK(contains(of_full, R"("type": "WRITE_ROWS", "size": )"));
  CHECK(contains(of_full, R"("schema": "app", "table": "t", "verdict": "keep", "rows": [)"));
  CHECK(contains(of_full, "kept"));
  CHECK(contains(of_full, R"x("text": "CREATE TABLE t (a INT)")x"));
  CHECK(contains(of_full, R"("statement": "CREATE USER", "verdict": "drop", "rule": "accounts")"));
  CHECK_FALSE(contains(of_full, "TOPSECRET"));

  const std::string of_metadata = lines_of(*metadata);
  CHECK(contains(of_metadata, R"("schema": "app", "table": "t", "verdict": "keep"})"));
  CHECK(contains(of_metadata, R"("statement": "CREATE TABLE")"));
  for (const char* content : {"TOPSECRET", "kept", "text", "rows\"", "(a INT)"}) {
    CAPTURE(content);
    CHECK_FALSE(contains(of_metadata, content));
  }

  const std::string of_dropped = lines_of(*dropped);
  CHECK(contains(of_dropped, "drop system_schema  mysql.x"));
  CHECK(std::count(of_dropped.begin(), of_dropped.end(), '\n') == 2);  // TABLE_MAP and rows
}

TEST_CASE("content does not even get as far as the queue where it may not be shown") {
  for (const bool may_show : {true, false}) {
    CAPTURE(may_show);
    TappedSession session(may_show);
    const auto full = session.add("rows=1");
    const auto raw = session.add("format=pcapng");
    (void)pass(session, a_dump().stream(), 100000);
    for (const auto& entry : full->queue.take().entries) {
      const auto& event = std::get<EventEntry>(entry.what);
      CHECK_FALSE(contains(as_text(event.event), "TOPSECRET"));
      if (!may_show) CHECK_FALSE(contains(as_text(event.event), "kept"));
    }
    for (const auto& entry : raw->queue.take().entries) {
      const auto& packet = std::get<PacketEntry>(entry.what);
      CHECK_FALSE(contains(as_text(packet.bytes), "TOPSECRET"));
      if (may_show || packet.kind != PacketKind::event) continue;
      CHECK(packet.bytes.size() <= 24);
    }
  }
}

TEST_CASE("without rules, too, it is told what events are about") {
  TappedSession session(false);
  const auto reader = session.add("format=json");
  const auto app = session.add("format=json&schema=app&type=write_rows");
  const Buffer stream = a_dump().stream();
  const filters::TableRules keep(filters::SystemSchema::keep, {}, {});
  CHECK(pass(session, stream, 100000, keep) == stream);
  const std::string text = lines_of(*reader);
  CHECK(contains(text, R"("schema": "mysql", "table": "x", "verdict": "keep"})"));
  CHECK(contains(text, R"("statement": "CREATE USER")"));
  CHECK_FALSE(contains(text, "TOPSECRET"));
  CHECK(contains(lines_of(*app), R"("schema": "app", "table": "t", "verdict": "keep"})"));
}

TEST_CASE("the packets are those that the replica gets, in pieces of whatever size") {
  BinlogBuilder builder = a_dump();
  const Buffer small = builder.stream();
  builder.query("INSERT INTO t VALUES ('" + std::string(200000, 'y') + "')");
  const Buffer large = builder.stream();
  for (const std::size_t piece : {1U, 7U, 64U, 1000U, 65536U, 300000U}) {
    CAPTURE(piece);
    const Buffer& stream = piece < 1000 ? small : large;  // no more entries than the queue holds
    TappedSession session;
    const auto raw = session.add("format=pcapng");
    const Buffer sent = pass(session, stream, piece);
    const auto taken = joined(*raw);
    CHECK(taken.size() == sent.size());
    CHECK(taken == sent);
  }
}

TEST_CASE("who comes in the middle of a packet begins with the next") {
  TappedSession session;
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().query("INSERT INTO t VALUES ('" + std::string(300000, 'y') + "')");
  const std::size_t begin_of_last = builder.stream().size();
  builder.query("INSERT INTO t VALUES ('last')");
  const Buffer stream = builder.stream();

  const filters::TableRules rules;
  filters::StreamFilter filter(rules);
  Buffer received(stream.begin(),
                  stream.begin() + static_cast<std::ptrdiff_t>(begin_of_last - 100));
  REQUIRE(filter.scan(received) == received.size());
  const auto raw = session.add("format=pcapng");
  session.tap.look();
  session.tap.join_stream(filter, false);
  Buffer rest(stream.begin() + static_cast<std::ptrdiff_t>(begin_of_last - 100), stream.end());
  session.tap.released(MutableBytes(rest).first(filter.scan(rest)));
  session.tap.flush();

  const auto taken = raw->queue.take();
  REQUIRE(taken.entries.size() == 2);
  const auto& dump = std::get<PacketEntry>(taken.entries[0].what);
  CHECK(dump.direction == Direction::up);
  CHECK(wire::parse_binlog_dump(Bytes(dump.bytes).subspan(4))->file == "binlog.000001");
  CHECK(contains(as_text(std::get<PacketEntry>(taken.entries[1].what).bytes), "last"));
}

TEST_CASE("without leave packets that continue an event show nothing of it") {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump().query("INSERT INTO t VALUES ('" + std::string(20 << 20, 'y') + "')");
  const Buffer stream = builder.begin().stream();
  const auto check = [](Subscription& reader, std::size_t events) {
    std::vector<std::size_t> shown;
    for (const auto& entry : reader.queue.take().entries) {
      const auto& packet = std::get<PacketEntry>(entry.what);
      CHECK_FALSE(contains(as_text(packet.bytes), "yyy"));
      if (packet.kind == PacketKind::event) shown.push_back(packet.bytes.size());
    }
    REQUIRE(shown.size() == events);
    CHECK(shown[events - 3] == 4);  // of the event: the header of its second packet
    CHECK(shown[events - 2] == 24);
    CHECK(shown[events - 1] == 24);
  };
  TappedSession session(false);
  const auto raw = session.add("format=pcapng");
  (void)pass(session, stream, 100000);
  check(*raw, 6);

  // The same for who comes while the first packet passes.
  const filters::TableRules rules;
  filters::StreamFilter filter(rules);
  Buffer begin(stream.begin(), stream.begin() + 100000);
  REQUIRE(filter.scan(begin) == begin.size());
  TappedSession other(false);
  const auto late = other.add("format=pcapng");
  other.tap.look();
  other.tap.join_stream(filter, false);
  Buffer rest(stream.begin() + 100000, stream.end());
  other.tap.released(MutableBytes(rest).first(filter.scan(rest)));
  other.tap.flush();
  check(*late, 3);
}

TEST_CASE("of rows that compression makes of little no more is shown than can be held") {
  const std::string row("\0\x07\0\0\0\x04kept", 10);
  for (const std::size_t count : {100U, 60000U, 200000U}) {
    CAPTURE(count);
    std::string rows;
    for (std::size_t i = 0; i < count; ++i) rows += row;
    BinlogBuilder builder({"10.11.19-MariaDB-log", 171, true, false});
    builder.begin_dump().begin().table_map(1, "app", "t");
    builder.rows(1, true, as_text(test::compressed_record(rows)),
                 binlog::EventType::write_rows_compressed_v1);
    TappedSession session;
    const auto json = session.add("format=json&rows=1");
    const auto text = session.add("rows=1");
    (void)pass(session, builder.stream(), 100000);
    const bool all = count == 100;
    const std::string of_json = lines_of(*json);
    const std::string of_text = lines_of(*text);
    CHECK(contains(of_json, R"("rows_problem": "they are too large")") != all);
    CHECK(contains(of_text, "rows that cannot be read: they are too large") != all);
    CHECK(contains(of_json, "kept") == (count != 200000));
    CHECK(of_json.size() + of_text.size() < std::size_t{3} << 20);
  }
}

TEST_CASE("a place is shown as a whole") {
  const std::string file(200, 'f');
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump(file).begin().xid();
  TappedSession session;
  const auto reader = session.add("type=xid");
  (void)pass(session, builder.stream(), 100000);
  const auto place = file + ":" + std::to_string(builder.position() - 31);
  CHECK(contains(lines_of(*reader), "->  " + place + " XID "));
}

TEST_CASE("a master's error is told to those who do not get it as a packet") {
  for (const bool full : {true, false}) {
    CAPTURE(full);
    TappedSession session;
    const auto lines = session.add("format=json", full);
    const auto events = session.add("format=json&type=xid", full);
    const auto raw = session.add("format=pcapng", full);
    session.tap.look();
    Buffer error, packet;
    std::uint8_t sequence = 3;
    wire::serialize(wire::ErrPacket{1236, "HY000", "no such file"}, error);
    wire::append_packet(packet, error, sequence);
    session.tap.dump_failed(packet);
    const std::string detail = full ? "1236 no such file" : "1236";
    CHECK(contains(lines_of(*lines), R"("packet": "ERR", "size": 25, "detail": ")" + detail + '"'));
    CHECK(lines_of(*events).empty());
    CHECK(raw->queue.take().entries.empty());
  }
}

TEST_CASE("what does not fit is lost, and counted") {
  TappedSession session;
  const auto reader = session.add("type=xid");
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  constexpr std::size_t count = TapQueue::max_entries + 500;
  for (std::size_t i = 0; i < count; ++i) builder.begin().xid();
  (void)pass(session, builder.stream(), 4096);
  auto taken = reader->queue.take();
  CHECK(taken.entries.size() == TapQueue::max_entries);
  CHECK(taken.lost == 500);
  CHECK_FALSE(reader->queue.is_full());
  CHECK(reader->queue.take().lost == 0);
}

TEST_CASE("no part of an entry is left out of what it costs") {
  constexpr std::size_t much = 100000;
  const std::string text(much, 'x');
  EventEntry event;
  event.file = event.schema = event.table = event.gtid = text;
  event.event = Buffer(much);
  event.table_map = std::make_shared<const Buffer>(much);
  CHECK(TapEntry{nullptr, {}, event}.cost() > 6 * much);
  CHECK(TapEntry{nullptr, {}, PacketEntry{{}, {}, 0, 0, Buffer(much)}}.cost() > much);
  CHECK(TapEntry{nullptr, {}, SessionEntry{false, text}}.cost() > much);
}

namespace {

/// Events of the table with the number 5, as no server would send them.
struct MadeUpEvents {
  void send(TappedSession& session, binlog::EventType type, std::size_t size,
            std::string_view name = {}) {
    Buffer event(binlog::event_header_size);
    Writer(event).u48(5).u16(0);
    event.resize(std::max(size, event.size()));
    header.type = type;
    header.size = static_cast<std::uint32_t>(event.size());
    session.tap.event({file, 4, header, event, format, false, false, {}, {name, name, {}}}, filter);
  }

  std::string file = "binlog.000001";
  binlog::EventHeader header{};
  binlog::FormatDescription format{};
  filters::TableRules rules;
  filters::StreamFilter filter{rules};
};

}  // namespace

TEST_CASE("copies hold no more than the queue may, whatever they are made of") {
  TappedSession session;
  const auto reader = session.add("rows=1");
  session.tap.look();
  MadeUpEvents events;
  events.file = std::string(100000, 'f');
  const std::string name(100000, 'n');
  for (int i = 0; i < 3000; ++i) {
    events.send(session, binlog::EventType::write_rows_v2, 1000, name);
  }
  CHECK(reader->queue.is_full());
  std::size_t held = 0;
  for (const auto& entry : reader->queue.take().entries) {
    const auto& event = std::get<EventEntry>(entry.what);
    held += event.event.size() + event.file.size() + event.schema.size() + event.table.size();
    CHECK((event.file.size() == 512 && event.schema.size() == 255 && event.table.size() == 255));
  }
  CHECK(held <= TapQueue::max_bytes);
}

TEST_CASE("the TABLE_MAP of many row events is there once, unless it is too large") {
  TappedSession session;
  const auto reader = session.add("rows=1");
  session.tap.look();
  MadeUpEvents events;
  const auto maps_of_rows = [&](std::size_t map_size) {
    events.send(session, binlog::EventType::table_map, map_size);
    for (int i = 0; i < 10; ++i) events.send(session, binlog::EventType::write_rows_v2, 1000);
    std::vector<std::shared_ptr<const Buffer>> maps;
    for (const auto& entry : reader->queue.take().entries) {
      const auto& event = std::get<EventEntry>(entry.what);
      if (event.header.type != binlog::EventType::table_map) maps.push_back(event.table_map);
    }
    return maps;
  };
  // Handed over by what they hold, without a flush.
  const auto shared = maps_of_rows(200000);
  REQUIRE(shared.size() >= 8);
  CHECK(shared.front()->size() == 200000);
  CHECK(std::ranges::count(shared, shared.front()) == static_cast<std::ptrdiff_t>(shared.size()));
  session.tap.flush();
  (void)reader->queue.take();
  CHECK(maps_of_rows(300000).empty());
  session.tap.flush();
  for (const auto& entry : reader->queue.take().entries) {
    CHECK_FALSE(std::get<EventEntry>(entry.what).table_map);
  }
}

TEST_CASE("events need not be shown while no reader could take one") {
  TappedSession session;
  const auto everything = session.add("format=json&rows=1");
  const auto packets = session.add("format=pcapng");
  session.tap.look();
  CHECK(session.tap.has_room_for_events());
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  for (std::size_t i = 0; i < TapQueue::max_entries; ++i) builder.begin().xid();
  (void)pass(session, builder.stream(), 4096);
  CHECK_FALSE(session.tap.has_room_for_events());

  const auto before = everything->queue.take().lost;
  CHECK(before > 0);
  CHECK(session.tap.has_room_for_events());
  session.tap.missed(70);
  session.tap.flush();
  CHECK(everything->queue.take().lost == 70);
  // Its packets are not among them.
  (void)packets->queue.take();
  session.tap.missed(70);
  session.tap.flush();
  CHECK(packets->queue.take().lost == 0);
}

TEST_CASE("who wants some events only is told of each of those that is lost") {
  TappedSession session;
  const auto some = session.add("type=xid");
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  for (std::size_t i = 0; i <= TapQueue::max_entries; ++i) builder.begin().xid();
  (void)pass(session, builder.stream(), 4096);
  CHECK(some->queue.is_full());
  CHECK(session.tap.has_room_for_events());
}

TEST_CASE("the next session is the one that begins next, and only that one") {
  TappedSession first;
  const auto next = first.add("next=1");
  first.tap.look();
  CHECK_FALSE(first.tap.is_tapped());  // it has begun before
  SessionTap second(first.all, 8, true, [] { return SessionFacts{8, "orders", "", {}, {}}; });
  second.begins();
  SessionTap third(first.all, 9, true, [] { return SessionFacts{9, "orders", "", {}, {}}; });
  third.begins();
  CHECK((second.is_tapped() && !third.is_tapped()));
  CHECK(first.all->sessions_of(*next) == std::vector<std::uint32_t>{8});
  second.ends("over");
  CHECK_FALSE(second.is_tapped());
  const auto taken = next->queue.take();
  REQUIRE(taken.entries.size() == 2);
  CHECK(std::get<SessionEntry>(taken.entries[1].what).reason == "over");
  first.all->remove(*next);
  CHECK(first.all->of_session(8).empty());
}

TEST_CASE("who waits for the next session waits on when a peer has gone without a word") {
  TappedSession first;
  const auto next = first.add("next=1");
  const auto session = [&](std::uint32_t id) {
    return SessionTap(first.all, id, true, [id] { return SessionFacts{id, "orders", "", {}, {}}; });
  };
  SessionTap check = session(8);
  check.begins();
  check.ends("closed by the peer");
  CHECK(first.all->sessions_of(*next).empty());
  SessionTap second = session(9);
  second.begins();
  second.login_received(as_bytes("something"));
  second.ends("over");
  CHECK(first.all->sessions_of(*next) == std::vector<std::uint32_t>{9});
  SessionTap third = session(10);
  third.begins();
  CHECK_FALSE(third.is_tapped());
}

TEST_CASE("nobody costs nothing: no reader, no copy") {
  TappedSession session;
  session.tap.look();
  CHECK_FALSE(
      (session.tap.is_tapped() || session.tap.wants_stream() || session.tap.wants_events()));
  const auto reader = session.add("session=8");
  session.tap.look();
  CHECK_FALSE(session.tap.is_tapped());
}

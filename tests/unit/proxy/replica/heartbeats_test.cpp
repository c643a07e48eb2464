#include "proxy/replica/heartbeats.hpp"

#include <doctest/doctest.h>

#include "filters/rules/table_rules.hpp"
#include "protocol/binlog/heartbeat.hpp"
#include "protocol/binlog/rotate.hpp"
#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using namespace sluice::proxy;
using namespace std::chrono_literals;
using filters::StreamFilter;
using test::packets_of;

namespace {

const filters::TableRules drop_system;

/// What a replica gets of a stream that comes in such pieces, with a heartbeat behind each where
/// one can be.
struct Heard {
  Buffer stream;
  std::vector<std::size_t> heartbeats;  ///< where they begin
  bool ends_without_context = false;
};

Heard pass(const test::Recording& recording, std::size_t piece, bool with_heartbeats,
           bool version_2 = false) {
  StreamFilter filter(drop_system, {.framing = filters::packets(recording.semi_sync())});
  Heartbeats heartbeats({.period = 1ns, .version_2 = version_2});
  Heard heard;
  Buffer pending;
  const auto send = [&](Bytes bytes) {
    heard.stream.insert(heard.stream.end(), bytes.begin(), bytes.end());
  };
  for (Bytes rest(recording.stream); !rest.empty();) {
    const Bytes part = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(part.size());
    pending.insert(pending.end(), part.begin(), part.end());
    const MutableBytes released = MutableBytes(pending).first(filter.scan(pending));
    REQUIRE(filter.state() != StreamFilter::State::failed);
    heartbeats.renumber(released);
    send(released);
    pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(released.size()));
    heard.ends_without_context = filter.state() == StreamFilter::State::needs_context;
    if (with_heartbeats) {
      const Buffer packet = heartbeats.next(filter);
      if (!packet.empty()) heard.heartbeats.push_back(heard.stream.size());
      send(packet);
    }
    if (heard.ends_without_context) break;
  }
  return heard;
}

/// Where a replica is after each packet, as it counts itself (sql/rpl_replica.cc, queue_event).
class Replica {
 public:
  void take(Bytes event) {
    const auto header = binlog::parse_event_header(event).value();
    switch (header.type) {
      case binlog::EventType::format_description:
        format_ = binlog::parse_format_description(event).value();
        if (header.log_pos != 0) at_.position += header.size;
        break;
      case binlog::EventType::rotate: {
        const auto rotate = binlog::parse_rotate(event).value();
        at_ = {std::string(rotate.file), rotate.position};
        break;
      }
      case binlog::EventType::heartbeat:
      case binlog::EventType::heartbeat_v2: {
        // The master's tells how far it has gone without anything for the replica.
        const auto heartbeat =
            binlog::parse_heartbeat(header, binlog::event_body(header, event, format_.checksum));
        at_.position = std::max(at_.position, heartbeat.value().position);
        break;
      }
      case binlog::EventType::stop:
        break;
      default:
        if ((header.flags & binlog::event_flag::artificial) != 0) break;
        at_.position += header.size;
        // MariaDB says nothing of what it leaves out, and its replicas only mind less.
        if (format_.mariadb) at_.position = std::max<std::uint64_t>(at_.position, header.log_pos);
    }
  }
  [[nodiscard]] const filters::Coordinates& at() const { return at_; }
  [[nodiscard]] const binlog::FormatDescription& format() const { return format_; }

 private:
  filters::Coordinates at_;
  binlog::FormatDescription format_;
};

}  // namespace

TEST_CASE("heartbeats: each tells where the replica is, and packets are counted on") {
  std::size_t of_payloads = 0, of_heads = 0, of_context = 0;
  for (const auto& recording : test::recordings()) {
    CAPTURE(recording.name);
    for (const std::size_t piece : {std::size_t{61}, std::size_t{500}, std::size_t{100'000}}) {
      for (const bool version_2 : {false, true}) {
        const Buffer plain = pass(recording, piece, false).stream;
        const Heard heard = pass(recording, piece, true, version_2);
        Replica replica;
        std::uint8_t sequence = 1;
        std::size_t at = 0, next = 0, waiting = 0;
        Buffer others;
        for (const auto& packet : packets_of(heard.stream, recording.semi_sync())) {
          REQUIRE(packet.sequence() == sequence++);
          const std::size_t size = packet.prefix.size() + packet.event.size();
          const bool own = next < heard.heartbeats.size() && heard.heartbeats[next] == at;
          at += size;
          if (own) {
            ++next;
            const auto header = binlog::parse_event_header(packet.event).value();
            const auto& format = replica.format();
            const bool second = version_2 && !format.mariadb && format.version >= 80026;
            CHECK(header.type ==
                  (second ? binlog::EventType::heartbeat_v2 : binlog::EventType::heartbeat));
            CHECK(header.server_id == format.server_id);
            if (format.checksum == binlog::Checksum::crc32) {
              CHECK(load_le<4>(packet.event.last(4).data()) ==
                    binlog::crc32_of(packet.event.first(packet.event.size() - 4)));
            }
            const auto heartbeat = binlog::parse_heartbeat(
                header, binlog::event_body(header, packet.event, format.checksum));
            REQUIRE(heartbeat);
            CHECK(heartbeat->file == replica.at().file);
            CHECK(heartbeat->position == replica.at().position);
            ++waiting;
          } else {
            others.insert(others.end(), packet.prefix.begin(), packet.prefix.end());
            others.insert(others.end(), packet.event.begin(), packet.event.end());
            if (packet.event.empty()) continue;
            replica.take(packet.event);
            const auto type = binlog::parse_event_header(packet.event).value().type;
            const bool payload = type == binlog::EventType::transaction_payload;
            (payload ? of_payloads : of_heads) += std::exchange(waiting, 0);
          }
          // Behind what the replica acknowledges both sides count anew.
          if (recording.semi_sync() && packet.prefix.size() == 7 && packet.prefix[6] != 0) {
            sequence = 1;
          }
        }
        CHECK(next == heard.heartbeats.size());
        of_context += waiting;
        CHECK(waiting == (heard.ends_without_context ? 1 : 0));
        // The others are what they are without heartbeats, but for their numbers.
        REQUIRE(others.size() == plain.size());
        const auto without = packets_of(plain, recording.semi_sync());
        const auto with = packets_of(others, recording.semi_sync());
        REQUIRE(without.size() == with.size());
        for (std::size_t i = 0; i < with.size(); ++i) {
          CHECK(std::ranges::equal(with[i].event, without[i].event));
        }
      }
    }
  }
  CHECK(of_payloads > 10);
  CHECK(of_heads > 100);
  CHECK(of_context > 20);
}

TEST_CASE("heartbeats: none unless something holds the stream up") {
  StreamFilter filter(drop_system);
  Heartbeats heartbeats({.period = 1ns});
  CHECK(heartbeats.next(filter).empty());
  test::BinlogBuilder builder({});
  builder.begin_dump().begin().table_map(1, "app", "t").rows(1, true, std::string(500, 'x'));
  Buffer stream = builder.stream();
  const std::size_t cut = stream.size() - 100;  // within a packet
  REQUIRE(filter.scan(MutableBytes(stream).first(cut)) == cut);
  CHECK(heartbeats.next(filter).empty());
  CHECK(filter.scan(MutableBytes(stream).subspan(cut)) == 100);
  CHECK(heartbeats.next(filter).empty());
  CHECK(heartbeats.next_sequence(filter) == filter.next_sequence());
}

TEST_CASE("heartbeats: while the head of a statement is held, they tell of what is before it") {
  test::BinlogBuilder load({}), text({});
  const auto begun = [](test::BinlogBuilder& builder) -> std::uint64_t {
    builder.begin_dump().begin();
    return builder.position();
  };
  const std::uint64_t before_load = begun(load);
  load.load_data("LOAD DATA INFILE 'f' INTO TABLE t", "block");
  const std::uint64_t before_text = begun(text);
  text.query("UPDATE t JOIN (SELECT '" + std::string(100'000, 'x') + "') s SET v = 1");
  const std::size_t statement_of_load = packets_of(load.stream(), false).back().event.size() + 5;
  struct Case {
    const test::BinlogBuilder& builder;
    std::uint64_t before;
    std::size_t missing;  // bytes that have not come
  };
  for (const auto& [builder, before, missing] :
       {Case{load, before_load, 60}, Case{load, before_load, statement_of_load},
        Case{text, before_text, 60}}) {
    StreamFilter filter(drop_system);
    Heartbeats heartbeats({.period = 1ns});
    Buffer stream = builder.stream();
    const auto released = filter.scan(MutableBytes(stream).first(stream.size() - missing));
    const std::uint8_t number = filter.next_sequence();
    const Buffer packet = heartbeats.next(filter);
    REQUIRE(packet.size() > 5);
    CHECK(packet[3] == number);
    const Bytes event = Bytes(packet).subspan(5);
    const auto header = binlog::parse_event_header(event).value();
    const auto heartbeat = binlog::parse_heartbeat(
        header, binlog::event_body(header, event, filter.format().checksum));
    REQUIRE(heartbeat);
    CHECK(heartbeat->position == before);
    // Then it goes on, and nothing holds it up any more.
    const MutableBytes rest = MutableBytes(stream).subspan(released);
    CHECK(filter.scan(rest) == rest.size());
    heartbeats.renumber(rest);
    CHECK(rest[3] == static_cast<std::uint8_t>(number + 1));
    CHECK(heartbeats.next(filter).empty());
  }
}

TEST_CASE("heartbeats: version 2 from a master that has it") {
  for (const auto& [version, type] : {std::pair("8.0.25", binlog::EventType::heartbeat),
                                      std::pair("8.0.26", binlog::EventType::heartbeat_v2)}) {
    StreamFilter filter(drop_system);
    Heartbeats heartbeats({.period = 1ns, .version_2 = true});
    test::BinlogBuilder builder({.version = version});
    builder.begin_dump("binlog.000001", 1000).rows(1, true);
    Buffer stream = builder.stream();
    filter.scan(stream);
    REQUIRE(filter.state() == StreamFilter::State::needs_context);
    const std::uint8_t before = filter.next_sequence();
    const Buffer packet = heartbeats.next(filter);
    REQUIRE(packet.size() > 5);
    CHECK(binlog::parse_event_header(Bytes(packet).subspan(5))->type == type);
    CHECK(heartbeats.next_sequence(filter) == before + 1);
  }
}

TEST_CASE("heartbeats: when they are due") {
  CHECK_FALSE(Heartbeats({.period = 0ns}).is_due(1h));  // nobody has asked for them
  CHECK_FALSE(Heartbeats({.period = 1s}).is_due(999ms));
  CHECK(Heartbeats({.period = 1s}).is_due(1s));
  CHECK_FALSE(Heartbeats({.period = 1ns}).is_due(1ms));  // not for every read
}

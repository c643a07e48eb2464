#include "proxy/heartbeats.hpp"

#include <doctest/doctest.h>

#include "filters/table_rules.hpp"
#include "protocol/binlog/heartbeat.hpp"
#include "unit/binlog/recordings.hpp"

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
    if (filter.state() != StreamFilter::State::flowing || !with_heartbeats) continue;
    const Buffer packet = heartbeats.next(filter);
    if (!packet.empty()) heard.heartbeats.push_back(heard.stream.size());
    send(packet);
  }
  return heard;
}

/// Where a replica is after each packet, as it counts itself.
class Replica {
 public:
  void take(Bytes event) {
    const auto header = binlog::parse_event_header(event).value();
    if (header.type == binlog::EventType::format_description) {
      format_ = binlog::parse_format_description(event).value();
    }
    position_.pass(header, event, format_.checksum);
  }
  [[nodiscard]] const filters::Coordinates& at() const { return position_.end(); }
  [[nodiscard]] const binlog::FormatDescription& format() const { return format_; }

 private:
  filters::StreamPosition position_;
  binlog::FormatDescription format_;
};

}  // namespace

TEST_CASE("heartbeats: each tells where the replica is, and packets are counted on") {
  std::size_t within_a_group = 0;
  for (const auto& recording : test::recordings()) {
    CAPTURE(recording.name);
    for (const std::size_t piece : {std::size_t{61}, std::size_t{500}, std::size_t{100'000}}) {
      for (const bool version_2 : {false, true}) {
        const Buffer plain = pass(recording, piece, false).stream;
        const Heard heard = pass(recording, piece, true, version_2);
        Replica replica;
        std::uint8_t sequence = 1;
        std::size_t at = 0, next = 0;
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
            const bool second = version_2 && !recording.mariadb();
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
          } else {
            others.insert(others.end(), packet.prefix.begin(), packet.prefix.end());
            others.insert(others.end(), packet.event.begin(), packet.event.end());
            if (!packet.event.empty()) replica.take(packet.event);
          }
          // Behind what the replica acknowledges both sides count anew.
          if (recording.semi_sync() && packet.prefix.size() == 7 && packet.prefix[6] != 0) {
            sequence = 1;
          }
        }
        CHECK(next == heard.heartbeats.size());
        within_a_group += next;
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
  CHECK(within_a_group > 1000);
}

TEST_CASE("heartbeats: none before it is known in which format, nor within a packet") {
  StreamFilter filter(drop_system);
  Heartbeats heartbeats({.period = 1ns});
  CHECK(heartbeats.next(filter).empty());
  CHECK(heartbeats.next_sequence(filter) == 1);

  test::BinlogBuilder builder({});
  builder.begin_dump().begin().table_map(1, "app", "t").rows(1, true, std::string(500, 'x'));
  Buffer stream = builder.stream();
  const std::size_t cut = stream.size() - 100;
  REQUIRE(filter.scan(MutableBytes(stream).first(cut)) == cut);
  CHECK(heartbeats.next(filter).empty());
  CHECK(filter.scan(MutableBytes(stream).subspan(cut)) == 100);
  CHECK_FALSE(heartbeats.next(filter).empty());
  CHECK(heartbeats.next_sequence(filter) == static_cast<std::uint8_t>(filter.next_sequence() + 1));
}

TEST_CASE("heartbeats: when they are due") {
  const auto now = Heartbeats::Clock::now();
  CHECK_FALSE(Heartbeats({.period = 0ns}).is_due(now - 1h));  // nobody has asked for them
  CHECK_FALSE(Heartbeats({.period = 1h}).is_due(now));
  CHECK(Heartbeats({.period = 1s}).is_due(now - 1s));
}

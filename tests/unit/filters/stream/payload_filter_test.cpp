#include "filters/stream/payload_filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "unit/protocol/binlog/payload_builder.hpp"
#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using binlog::Compression;
using binlog::EventType;
using filters::StreamFilter;
using test::BinlogBuilder;
using State = StreamFilter::State;

namespace {

const filters::TableRules drop_system;
const BinlogBuilder::Flavour mysql{"9.7.4", 42, true, false};
const BinlogBuilder::Flavour bare{"9.7.4", 42, false, false};

bool contains(Bytes bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

BinlogBuilder inner() {
  BinlogBuilder builder(bare);
  builder.query("BEGIN");
  return builder;
}

Buffer transaction(const BinlogBuilder& builder) {
  BinlogBuilder copy(builder);
  copy.xid();
  return test::bare_events(copy);
}

Buffer kept_transaction() {
  return transaction(inner().table_map(1, "app", "t").rows(1, true, "kept-row"));
}
Buffer mixed_transaction() {
  auto builder = inner();
  builder.rows_query("INSERT INTO mysql.x TOPSECRET").table_map(2, "mysql", "x");
  builder.rows(2, true, std::string("TOPSECRET").append(500, 'y'));
  builder.table_map(1, "app", "t").rows(1, true, "kept-row");
  return transaction(builder);
}
Buffer dropped_transaction() {
  return transaction(inner().table_map(2, "mysql", "x").rows(2, true, "TOPSECRET"));
}

struct Passed {
  Buffer in, out;
  State state = State::flowing;
  std::string reason;
  filters::StreamCounters counters;
  test::ReadEvent payload;  // as it came out
};

Passed pass(Bytes body, std::size_t piece = std::size_t{1} << 30,
            std::uint64_t max_payload = std::uint64_t{1} << 30) {
  BinlogBuilder builder(mysql);
  builder.begin_dump().gtid().event(EventType::transaction_payload, body).gtid();
  StreamFilter filter(drop_system, {filters::Framing::packets, nullptr, max_payload});
  Passed passed;
  passed.in = builder.stream();
  Buffer pending;
  for (std::size_t at = 0; at < passed.in.size() && filter.state() == State::flowing; at += piece) {
    const Bytes more = Bytes(passed.in).subspan(at, std::min(piece, passed.in.size() - at));
    pending.insert(pending.end(), more.begin(), more.end());
    Buffer exact(pending);
    const auto released = static_cast<std::ptrdiff_t>(filter.scan(exact));
    passed.out.insert(passed.out.end(), exact.begin(), exact.begin() + released);
    pending.assign(exact.begin() + released, exact.end());
  }
  passed.state = filter.state();
  passed.counters = filter.counters();
  if (filter.failure()) {
    passed.reason = filter.failure()->reason;
    CHECK(filter.failure()->type == EventType::transaction_payload);
    CHECK(filter.between_packets());
    const auto before = test::read_events(passed.out);
    CHECK(before.back().header.type == EventType::gtid);
    CHECK(filter.failure()->at.position == before.back().header.log_pos);
    CHECK(filter.next_sequence() == before.size() + 1);
  } else {
    const auto events = test::read_events(passed.out);
    REQUIRE(events.size() == 5);
    for (const auto& event : events) CHECK(event.crc_is_right());
    passed.payload = events[3];
  }
  return passed;
}

Buffer body_of(const test::ReadEvent& event) {
  return {event.bytes.begin() + 19, event.bytes.end() - 4};
}

}  // namespace

TEST_CASE("recorded payloads: what is dropped is gone from inside, what is kept is there") {
  const auto& recording = test::recording("mysql-9.7-compressed");
  StreamFilter filter(drop_system);
  Buffer stream(recording.stream);
  REQUIRE(filter.scan(stream) == stream.size());
  CHECK(filter.state() == State::ended);

  const auto before = recording.events(), after = test::read_events(stream);
  REQUIRE(before.size() == after.size());
  std::size_t untouched = 0, rewritten = 0, emptied = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    CAPTURE(i);
    REQUIRE(before[i].header.size == after[i].header.size);
    CHECK(before[i].header.log_pos == after[i].header.log_pos);
    CHECK(after[i].crc_is_right());
    CHECK_FALSE(contains(after[i].bytes, "secret"));
    if (before[i].header.type != EventType::transaction_payload) continue;
    const Buffer was = test::payload_events(body_of(before[i]));
    if (!contains(was, "secret")) {
      CHECK(before[i].bytes == after[i].bytes);
      ++untouched;
    } else if (after[i].header.type == EventType::query) {
      CHECK(contains(after[i].bytes, "COMMIT /*"));
      ++emptied;
    } else {
      const Buffer is = test::payload_events(body_of(after[i]));
      CHECK(is.size() == was.size());
      CHECK_FALSE(contains(is, "secret"));
      ++rewritten;
    }
  }
  CHECK(untouched >= 1);
  CHECK(rewritten + emptied >= 1);
}

TEST_CASE("a payload with nothing to drop goes on byte for byte, in whatever pieces") {
  for (const auto compression : {Compression::zstd, Compression::none}) {
    const Buffer body = test::payload_body(kept_transaction(), compression, 300);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 1000U}) {
      const Passed passed = pass(body, piece);
      CHECK(passed.out == passed.in);
      CHECK(passed.counters.dropped_events == 0);
    }
  }
}

TEST_CASE("a payload with something to drop keeps its size and its other events") {
  for (const auto compression : {Compression::zstd, Compression::none}) {
    const Buffer before = mixed_transaction();
    const Passed passed = pass(test::payload_body(before, compression));
    REQUIRE(passed.state == State::flowing);
    CHECK(passed.out.size() == passed.in.size());
    CHECK(passed.counters.dropped_events == 3);
    CHECK(passed.payload.header.type == EventType::transaction_payload);
    const Buffer after = test::payload_events(body_of(passed.payload));
    CHECK_FALSE(contains(after, "TOPSECRET"));
    CHECK(contains(after, "kept-row"));
    const auto was = test::read_bare_events(before), is = test::read_bare_events(after);
    REQUIRE(was.size() == is.size());
    for (std::size_t i = 0; i < was.size(); ++i) {
      CHECK(was[i].header.size == is[i].header.size);
      const bool dropped = i >= 1 && i <= 3;
      CHECK(is[i].header.type == (dropped ? EventType::ignorable : was[i].header.type));
      CHECK((is[i].bytes == was[i].bytes) == !dropped);
    }
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 1000U}) {
      CHECK(pass(test::payload_body(before, compression), piece).out == passed.out);
    }
    // A second relay behind the first changes nothing.
    CHECK(pass(body_of(passed.payload)).out == passed.out);
  }
}

TEST_CASE("of a payload with nothing left an empty transaction remains") {
  for (const auto compression : {Compression::zstd, Compression::none}) {
    const Passed passed = pass(test::payload_body(dropped_transaction(), compression));
    REQUIRE(passed.state == State::flowing);
    CHECK(passed.payload.header.type == EventType::query);
    CHECK(contains(passed.payload.bytes, "COMMIT /*"));
    CHECK(passed.counters.dropped_events == 2);
  }
}

TEST_CASE("a payload of several packets") {
  std::mt19937 random(5);
  std::string noise(std::size_t{9} << 20, 'x');
  for (char& c : noise) c = static_cast<char>(random());
  auto builder = inner();
  for (int i = 0; i < 2; ++i) {
    builder.table_map(1, "app", "t").rows(1, true, "kept-row" + noise);
    builder.table_map(2, "mysql", "x").rows(2, true, "TOPSECRET" + noise);
  }
  const Passed passed = pass(test::payload_body(transaction(builder)), 1000000);
  REQUIRE(passed.state == State::flowing);
  CHECK(passed.payload.bytes.size() > 2 * 0xFFFFFF);
  const Buffer events = test::payload_events(body_of(passed.payload));
  CHECK_FALSE(contains(events, "TOPSECRET"));
  CHECK(contains(events, "kept-row" + noise.substr(0, 10000)));
}

TEST_CASE("what cannot be judged in a payload is not passed on") {
  const auto fails = [](const Buffer& body, std::string_view with, std::uint64_t max = 1U << 30) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 30}) {
      const Passed passed = pass(body, piece, max);
      REQUIRE(passed.state == State::failed);
      CHECK_MESSAGE(passed.reason.find(with) != std::string::npos, passed.reason);
    }
  };
  const Buffer kept = kept_transaction();
  const Buffer good = test::payload_body(kept);
  fails(test::payload_body(transaction(inner().query("ALTER TABLE app.t RENAME TO mysql.x"))), "");
  fails(test::payload_body(transaction(inner().gtid())), "no payload holds");
  fails(test::payload_body(transaction(inner().event(EventType::transaction_payload, good))),
        "no payload holds");
  fails(test::payload_body(test::bare_events(inner())), "ends in the middle");
  fails(test::payload_body(Bytes(kept).first(kept.size() - 1)), "ends in the middle");
  fails(test::payload_body({}), "ends in the middle");
  fails(good, "max_payload", kept.size() - 1);

  Buffer wrong = good;
  wrong.push_back(0);
  fails(wrong, "contradicts");
  wrong = good;
  wrong.pop_back();
  fails(wrong, "contradicts");
  wrong = good;
  wrong[wrong.size() / 2] ^= 0xFF;
  fails(wrong, "");

  // The head says another size than there is, behind it the data ends too early.
  const Buffer data = test::encoded(kept, Compression::zstd);
  wrong.clear();
  binlog::serialize({data.size(), Compression::zstd, kept.size() + 1}, 0, wrong);
  wrong.insert(wrong.end(), data.begin(), data.end());
  fails(wrong, "uncompressed size");
  wrong.clear();
  binlog::serialize({data.size() - 4, Compression::zstd, kept.size()}, 0, wrong);
  wrong.insert(wrong.end(), data.begin(), data.end() - 4);
  fails(wrong, "ends in the middle");
}

TEST_CASE("a payload with any byte changed is passed on as a whole or not at all") {
  const Buffer good = test::payload_body(mixed_transaction(), Compression::none);
  for (std::size_t i = 0; i < good.size(); ++i) {
    Buffer wrong = good;
    wrong[i] ^= 0x41;
    const Bytes body(wrong);
    BinlogBuilder builder(mysql);
    builder.begin_dump().gtid().event(EventType::transaction_payload, body);
    StreamFilter filter(drop_system);
    Buffer stream = builder.stream();
    const std::size_t released = filter.scan(stream);
    REQUIRE((filter.state() == State::failed || released == stream.size()));
  }
}

TEST_CASE("an unfiltered payload is opened only for whoever asks for it") {
  class Observer : public filters::EventObserver {
   public:
    explicit Observer(bool opens) : opens_(opens) {}
    [[nodiscard]] bool opens_payloads() const override { return opens_; }
    [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
      inside_ += seen.in_payload ? 1 : 0;
      return {};
    }
    [[nodiscard]] std::size_t inside() const { return inside_; }

   private:
    bool opens_;
    std::size_t inside_ = 0;
  };
  const filters::TableRules keep_all(filters::SystemSchema::keep, {}, {});
  BinlogBuilder builder(mysql);
  builder.begin_dump().gtid().event(EventType::transaction_payload,
                                    test::payload_body(mixed_transaction()));
  for (const bool opens : {false, true}) {
    Observer observer(opens);
    // The limit is for what is opened.
    const std::uint64_t max_payload = opens ? 1000000 : 10;
    StreamFilter filter(keep_all, {filters::Framing::packets, &observer, max_payload});
    Buffer stream = builder.stream();
    REQUIRE(filter.scan(stream) == stream.size());
    CHECK(stream == builder.stream());
    CHECK(observer.inside() == (opens ? 7 : 0));
  }
}

TEST_CASE("a large payload is compressed anew in slices, where that is asked for") {
  std::mt19937 random(1);
  auto builder = inner();
  builder.table_map(2, "mysql", "x").rows(2, true, std::string(500, 'y'));
  for (int i = 0; i < 500; ++i) {
    std::string row(1000, ' ');
    for (char& c : row) c = static_cast<char>(random());
    builder.table_map(1, "app", "t").rows(1, true, row);
  }
  BinlogBuilder dump(mysql);
  dump.begin_dump().gtid();
  dump.event(EventType::transaction_payload, test::payload_body(transaction(builder))).gtid();

  Buffer at_once(dump.stream()), in_slices(dump.stream());
  StreamFilter one(drop_system);
  REQUIRE(one.scan(at_once) == at_once.size());
  CHECK_FALSE(one.is_busy());

  StreamFilter other(drop_system, {.in_slices = true});
  std::size_t released = other.scan(in_slices);
  int turns = 0;
  for (; other.is_busy(); ++turns) {
    CHECK_FALSE(other.at_group_border());
    CHECK(other.between_packets());
    released += other.scan(MutableBytes(in_slices).subspan(released));
  }
  CHECK(turns >= 500 * 1000 / (128 << 10));
  CHECK(released == in_slices.size());
  CHECK(in_slices == at_once);
  CHECK(in_slices != dump.stream());
  CHECK(other.counters().dropped_events == 2);
}

TEST_CASE("a slice is of events, however small they are compressed") {
  auto builder = inner();
  builder.table_map(2, "mysql", "x").rows(2, true, "TOPSECRET").table_map(1, "app", "t");
  constexpr int rows = 300;
  for (int i = 0; i < rows; ++i) builder.rows(1, i == rows - 1, std::string(8000, 'y'));
  const Buffer body = test::payload_body(transaction(builder));
  REQUIRE(body.size() < 10000);
  BinlogBuilder dump(mysql);
  dump.begin_dump().gtid().event(EventType::transaction_payload, body);

  Buffer stream(dump.stream());
  StreamFilter filter(drop_system, {.in_slices = true});
  std::size_t released = filter.scan(stream);
  int turns = 0;
  for (; filter.is_busy(); ++turns) released += filter.scan(MutableBytes(stream).subspan(released));
  CHECK(turns >= rows * 8000 / (128 << 10));
  CHECK(released == stream.size());
  CHECK_FALSE(filter.failure());
}

namespace {

using MakeRow = std::string (*)(std::mt19937& random, std::uint32_t number);

std::string row_of_numbers(std::mt19937& random, std::uint32_t number) {
  std::string row(16, '\0');
  store_le(reinterpret_cast<std::uint8_t*>(row.data()), number, 4);
  store_le(reinterpret_cast<std::uint8_t*>(row.data()) + 4, random() % 1000000, 4);
  store_le(reinterpret_cast<std::uint8_t*>(row.data()) + 8, random() % 100000000, 8);
  return row;
}

std::string row_of_text(std::mt19937& random, std::uint32_t number) {
  static constexpr std::array<const char*, 8> words{"blue",  "green", "paid",  "open",
                                                    "north", "south", "order", "customer"};
  std::string row = std::to_string(number);
  for (int i = 0; i < 6; ++i) row.append(" ").append(words.at(random() % words.size()));
  return row;
}

std::string row_of_json(std::mt19937& random, std::uint32_t number) {
  return R"({"id": )" + std::to_string(number) + R"(, "price": )" +
         std::to_string(random() % 10000) + R"(, "tags": ["a", "b"]})";
}

std::string row_of_bytes(std::mt19937& random, std::uint32_t) {
  std::string row(1000, ' ');
  for (char& c : row) c = static_cast<char>(random());
  return row;
}

/// Many rows that are kept, and a small one that is not.
Buffer mostly_kept(MakeRow make_row, std::uint32_t rows, std::string_view gone = "TOPSECRET") {
  std::mt19937 random(rows);
  auto builder = inner();
  builder.table_map(1, "app", "t");
  constexpr std::uint32_t of_an_event = 400;
  for (std::uint32_t i = 0; i < rows; i += of_an_event) {
    std::string all;
    for (std::uint32_t j = i; j < std::min(rows, i + of_an_event); ++j) all += make_row(random, j);
    builder.rows(1, i + of_an_event >= rows, all);
  }
  builder.table_map(2, "mysql", "x").rows(2, true, gone);
  return transaction(builder);
}

}  // namespace

TEST_CASE("a payload of which little is dropped fits into its place, whichever level has made it") {
  struct Content {
    const char* name;
    MakeRow make_row;
  };
  for (const auto& content : {Content{"numbers", row_of_numbers}, Content{"text", row_of_text},
                              Content{"JSON", row_of_json}, Content{"bytes", row_of_bytes}}) {
    for (const std::uint32_t rows : {10U, 100U, 300U, 1000U, 10000U}) {
      const Buffer events = mostly_kept(content.make_row, rows);
      for (const bool tells_size : {true, false}) {
        for (int level = 2; level <= 9; ++level) {
          CAPTURE(content.name);
          CAPTURE(rows);
          CAPTURE(tells_size);
          CAPTURE(level);
          const Buffer data = test::encoded(events, Compression::zstd, level, tells_size);
          Buffer body;
          binlog::serialize({data.size(), Compression::zstd, events.size()}, 0, body);
          body.insert(body.end(), data.begin(), data.end());
          const Passed passed = pass(body);
          CHECK(passed.reason == "");
          if (passed.reason.empty()) {
            CHECK_FALSE(contains(test::payload_events(body_of(passed.payload)), "TOPSECRET"));
          }
        }
      }
    }
  }
}

namespace {

/// The most memory that this process has held since it was told to forget that, in KiB (proc(5)).
long peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long size = 0;
    if (word == "VmHWM:" && status >> size) return size;
  }
  throw std::runtime_error("no VmHWM in /proc/self/status");
}

}  // namespace

TEST_CASE("what is compressed anew tells its size where the master does") {
  const Buffer events = mixed_transaction();
  for (const bool tells_size : {true, false}) {
    const Buffer data = test::encoded(events, Compression::zstd, 3, tells_size);
    Buffer body;
    binlog::serialize({data.size(), Compression::zstd, events.size()}, 0, body);
    body.insert(body.end(), data.begin(), data.end());
    const Passed passed = pass(body);
    REQUIRE(passed.reason.empty());
    Buffer anew = body_of(passed.payload);
    REQUIRE(anew != body);
    binlog::PayloadHeaderReader reader;
    Bytes rest(anew);
    REQUIRE(reader.feed(rest) == binlog::PayloadHeaderReader::Progress::complete);
    binlog::PayloadDecoder decoder;
    decoder.begin(Compression::zstd);
    Buffer out(events.size());
    REQUIRE(decoder.decode(rest, out) == events.size());
    CHECK(decoder.tells_size() == tells_size);
  }
}

TEST_CASE("what fits in no way is tried in little room, also if the master tells no size") {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak is what it is now
  const long before = peak_memory();
  // How many rows there must be depends on zstd's version: 959, for one.
  bool fits = true;
  for (std::uint32_t rows = 950; fits && rows < 1950; ++rows) {
    const Buffer events = mostly_kept(row_of_json, rows, "s");
    const Buffer data = test::encoded(events, Compression::zstd, 22, false);
    Buffer body;
    binlog::serialize({data.size(), Compression::zstd, events.size()}, 0, body);
    body.insert(body.end(), data.begin(), data.end());
    fits = pass(body).reason.empty();
  }
  CHECK_FALSE(fits);
  CHECK(peak_memory() - before < 64 << 10);
}

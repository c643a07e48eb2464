#include "filters/stream/event_observer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "filters/stream/stream_filter.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"

using namespace sluice;
using binlog::EventType;
using filters::SeenEvent;
using filters::StreamFilter;
using test::BinlogBuilder;

namespace {

const filters::TableRules drop_system;

struct Seen {
  EventType type;
  std::uint64_t position;
  bool dropped;
  std::size_t size;
  bool operator==(const Seen&) const = default;
};

class Recorder : public filters::EventObserver {
 public:
  explicit Recorder(std::size_t wanted = 0) : wanted_(wanted) {}
  std::size_t bytes_wanted(const binlog::EventHeader&) const override { return wanted_; }
  std::string see(const SeenEvent& seen) override {
    seen_.push_back({seen.header.type, seen.position, seen.dropped, seen.event.size()});
    return refused_ == seen.header.type ? "refused by a test" : "";
  }
  void refuse(EventType type) { refused_ = type; }
  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }

 private:
  std::size_t wanted_;
  EventType refused_ = EventType::unknown;
  std::vector<Seen> seen_;
};

BinlogBuilder a_dump() {
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  builder.standalone_gtid().query("CREATE USER u@h IDENTIFIED BY 'TOPSECRET'");
  builder.begin().table_map(1, "app", "t").table_map(2, "mysql", "x");
  builder.rows(2, false, "TOPSECRET").rows(1, true, "kept").xid();
  return builder;
}

/// The events of a dump's file, one behind the other as they lie in it.
Buffer file_of(const BinlogBuilder& builder) {
  Buffer file;
  for (const auto& event : test::read_events(builder.stream())) {
    if (event.header.log_pos != 0) file.insert(file.end(), event.bytes.begin(), event.bytes.end());
  }
  return file;
}

}  // namespace

TEST_CASE("an observer sees every event in order, where it lies, and what becomes of it") {
  const BinlogBuilder builder = a_dump();
  const auto events = test::read_events(builder.stream());
  const std::vector<std::size_t> dropped{3, 7, 8};
  for (const bool bare : {false, true}) {
    CAPTURE(bare);
    Recorder recorder(1000);
    StreamFilter filter(drop_system,
                        {bare ? filters::Framing::none : filters::Framing::packets, &recorder});
    Buffer bytes = bare ? file_of(builder) : builder.stream();
    if (bare) filter.begin_file("binlog.000001", 4);
    CHECK(filter.scan(bytes) == bytes.size());
    CHECK(filter.position() == filters::Coordinates{"binlog.000001", builder.position()});

    const std::size_t first = bare ? 1 : 0;  // the made-up ROTATE is in no file
    REQUIRE(recorder.seen().size() == events.size() - first);
    for (std::size_t i = first; i < events.size(); ++i) {
      CAPTURE(i);
      const Seen& seen = recorder.seen()[i - first];
      CHECK(seen.type == events[i].header.type);
      CHECK(seen.size == events[i].header.size);
      if (i > 0) CHECK(seen.position == events[i].header.log_pos - events[i].header.size);
      CHECK(seen.dropped == (std::ranges::find(dropped, i) != dropped.end()));
    }
    CHECK(as_text(bytes).find("TOPSECRET") == std::string_view::npos);
  }
}

TEST_CASE("an observer is told by which rule an event is dropped, and what it is about") {
  struct Told : filters::EventObserver {
    std::string see(const SeenEvent& seen) override {
      std::string line(seen.rule ? to_string(*seen.rule) : "-");
      if (!seen.subject.schema.empty()) {
        line.append(" ").append(seen.subject.schema).append(".").append(seen.subject.table);
      }
      if (seen.subject.statement) line.append(" ").append(to_string(*seen.subject.statement));
      text.append(line).append("\n");
      return {};
    }
    std::string text;
  } told;
  const filters::TableRules rules(filters::SystemSchema::drop,
                                  {*filters::TablePattern::parse("tmp.%")}, {});
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  builder.standalone_gtid().query("CREATE USER u@h");
  builder.begin().rows_query("text").table_map(1, "app", "t").table_map(2, "mysql", "x");
  builder.rows(2, false).rows(1, true).xid();
  builder.begin().intvar().query("INSERT INTO tmp.x VALUES (1)");
  builder.intvar().query("INSERT INTO app.x VALUES (1)").query("COMMIT");
  StreamFilter filter(rules, {filters::Framing::packets, &told});
  Buffer bytes = builder.stream();
  CHECK(filter.scan(bytes) == bytes.size());
  const std::string head = "-\n-\n";  // ROTATE, FORMAT_DESCRIPTION
  CHECK(told.text ==
        head +
            "-\naccounts CREATE USER\n"
            "-\n- BEGIN\nsystem_schema\n- app.t\nsystem_schema mysql.x\n"
            "system_schema mysql.x\n- app.t\n-\n"
            "-\n- BEGIN\nignore INSERT\nignore INSERT\n- INSERT\n- INSERT\n- COMMIT\n");
}

TEST_CASE("the same comes of a file as of its dump, in whatever pieces") {
  const BinlogBuilder builder = a_dump();
  Buffer dump = builder.stream();
  StreamFilter reference(drop_system);
  REQUIRE(reference.scan(dump) == dump.size());
  Buffer expected;
  for (const auto& event : test::read_events(dump)) {
    if (event.header.log_pos != 0) {
      expected.insert(expected.end(), event.bytes.begin(), event.bytes.end());
    }
  }
  for (std::size_t piece = 1; piece < 100; ++piece) {
    StreamFilter filter(drop_system, {filters::Framing::none});
    filter.begin_file("binlog.000001", 4);
    const Buffer file = file_of(builder);
    Buffer pending;
    Buffer out;
    for (std::size_t at = 0; at < file.size(); at += piece) {
      const Bytes more = Bytes(file).subspan(at, std::min(piece, file.size() - at));
      pending.insert(pending.end(), more.begin(), more.end());
      const std::size_t released = filter.scan(pending);
      const auto end = pending.begin() + static_cast<std::ptrdiff_t>(released);
      out.insert(out.end(), pending.begin(), end);
      pending.erase(pending.begin(), end);
    }
    REQUIRE(out == expected);
  }
}

TEST_CASE("an observer can refuse an event: nothing of it goes out, the failure says where") {
  for (const EventType type : {EventType::table_map, EventType::write_rows_v2, EventType::xid}) {
    const BinlogBuilder builder = a_dump();
    Recorder recorder;
    recorder.refuse(type);
    StreamFilter filter(drop_system, {filters::Framing::packets, &recorder});
    Buffer bytes = builder.stream();
    const std::size_t released = filter.scan(bytes);
    REQUIRE(filter.state() == StreamFilter::State::failed);
    CHECK(filter.failure()->reason == "refused by a test");
    CHECK(filter.failure()->type == type);
    const auto out = test::read_events(Bytes(bytes).first(released));
    CHECK(std::ranges::none_of(out, [&](const auto& event) { return event.header.type == type; }));
    CHECK(filter.failure()->at.position == out.back().header.log_pos);
  }
}

TEST_CASE("a file whose event is shorter than its header is not read on") {
  StreamFilter filter(drop_system, {filters::Framing::none});
  filter.begin_file("binlog.000001", 4);
  Buffer bytes(40, 0);
  bytes[9] = 18;
  CHECK(filter.scan(bytes) == 0);
  CHECK(filter.state() == StreamFilter::State::failed);
}

TEST_CASE("an observer is shown the types that it wants") {
  struct Some : filters::EventObserver {
    bool wants(binlog::EventType type) const override { return binlog::is_statement(type); }
    std::string see(const SeenEvent& seen) override {
      types.push_back(seen.header.type);
      return {};
    }
    std::vector<binlog::EventType> types;
  } some;
  const filters::TableRules rules;
  BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  builder.begin().table_map(1, "app", "t").rows(1, true).xid();
  builder.standalone_gtid().query("CREATE TABLE app.u (a INT)");
  StreamFilter filter(rules, {filters::Framing::packets, &some});
  Buffer bytes = builder.stream();
  CHECK(filter.scan(bytes) == bytes.size());
  CHECK(some.types == std::vector(2, binlog::EventType::query));
}

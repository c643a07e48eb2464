#include "filters/requirements/mixed_watch.hpp"

#include <doctest/doctest.h>

#include "filters/stream/stream_filter.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"

namespace sluice::filters {
namespace {

class Counter final : public EventObserver {
 public:
  explicit Counter(int& count) : count_(count) {}
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader&) const override { return 7; }
  [[nodiscard]] std::string see(const SeenEvent&) override {
    ++count_;
    return {};
  }

 private:
  int& count_;
};

TEST_CASE("statements on dropped and kept tables are told of, and everything is seen by the next") {
  test::BinlogBuilder builder({"8.0.36", 42, true, false});
  builder.begin_dump();
  for (const char* text : {"DROP TABLE app.a", "DROP TABLE app.a, mysql.b", "DROP TABLE mysql.b",
                           "DROP TEMPORARY TABLE IF EXISTS app.a, mysql.b"}) {
    builder.standalone_gtid().query(text);
  }
  std::vector<std::pair<StatementKind, bool>> told;
  int seen_by_next = 0;
  MixedWatch watch(std::make_unique<Counter>(seen_by_next), [&](const SeenEvent& seen) {
    told.emplace_back(*seen.subject.statement, seen.dropped);
  });
  const TableRules rules;
  StreamFilter filter(rules, {Framing::packets, &watch});
  Buffer stream = builder.stream();
  CHECK(filter.scan(stream) == stream.size());
  REQUIRE(told.size() == 2);
  CHECK(told[0] == std::pair(StatementKind::drop_table, true));
  CHECK(told[1] == std::pair(StatementKind::drop_table, false));
  CHECK(seen_by_next > 8);
  CHECK(MixedWatch(nullptr, [](const SeenEvent&) {}).bytes_wanted({}) == 0);
}

}  // namespace
}  // namespace sluice::filters

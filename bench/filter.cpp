// The filter alone, in memory: what a core can judge in a second of its time.
//
//   bench_filter [--json] [NAME...]
//
// Each case is a stream that is scanned over and over, as a relay does it: in pieces of a buffer,
// patched in place.
#include "bench/in_memory.hpp"
#include "filters/sql/statement.hpp"
#include "filters/stream/stream_filter.hpp"
#include "unit/protocol/binlog/payload_builder.hpp"

using namespace sluice;
using namespace sluice::bench;
using test::BinlogBuilder;

namespace {

constexpr std::size_t read_size = std::size_t{128} << 10;  // as StreamBuffer has it
const BinlogBuilder::Flavour mysql{"9.7.4", 42, true, false};
const BinlogBuilder::Flavour mariadb{"10.11.19-MariaDB-log", 164, true, false};
const filters::TableRules drop_system;

/// Scans the stream in pieces as they would come from a socket.
void scan(filters::StreamFilter& filter, MutableBytes stream) {
  std::size_t begin = 0;
  std::size_t end = 0;
  while (end < stream.size()) {
    end = std::min(stream.size(), end + read_size);
    begin += filter.scan(stream.subspan(begin, end - begin));
  }
  require(begin == stream.size(), "the stream was not scanned to its end");
}

struct Scanned {
  double seconds;
  std::size_t bytes;
  std::uint64_t events, dropped;
};

Scanned measure(const Buffer& stream) {
  Buffer copy;
  Scanned scanned{0, stream.size(), 0, 0};
  scanned.seconds = best_time([&] { copy = stream; },
                              [&] {
                                filters::StreamFilter filter(drop_system);
                                scan(filter, copy);
                                scanned.events = filter.counters().events;
                                scanned.dropped = filter.counters().dropped_events;
                              });
  return scanned;
}

/// A dump whose groups `add` appends, of about that many bytes.
Buffer dump(std::size_t bytes, const std::function<void(BinlogBuilder&)>& add,
            const BinlogBuilder::Flavour& flavour = mysql) {
  BinlogBuilder builder(flavour);
  builder.begin_dump();
  while (builder.size() < bytes) add(builder);
  return builder.stream();
}

Result wide_rows() {
  const std::string row(8000, 'x');  // eight rows of a kilobyte in an event
  const auto stream = dump(std::size_t{256} << 20, [&](BinlogBuilder& builder) {
    builder.begin().table_map(1, "app", "t");
    for (int i = 0; i < 64; ++i) builder.rows(1, i == 63, row);
    builder.xid();
  });
  const Scanned scanned = measure(stream);
  return {"wide rows, kept", "GB/s", static_cast<double>(scanned.bytes) / scanned.seconds / 1e9};
}

/// Transactions on as many tables in turn.
Result small_events(std::uint64_t tables, const char* name) {
  std::uint64_t transaction = 0;
  const auto stream = dump(std::size_t{64} << 20, [&](BinlogBuilder& builder) {
    const std::uint64_t table = 1 + transaction++ % tables;
    builder.begin().table_map(table, "app", "t" + std::to_string(table));
    builder.rows(table, true, "0123456789").xid();
  });
  const Scanned scanned = measure(stream);
  return {name, "million events/s", static_cast<double>(scanned.events) / scanned.seconds / 1e6};
}

/// As MariaDB logs them by default: each with the text of its statement, which is judged, too.
Result annotated_rows() {
  std::size_t transactions = 0;
  const auto add = [&](BinlogBuilder& builder) {
    builder.begin().rows_query(
        "INSERT INTO t (a, b) VALUES (1, 'text with \\' a quote'), (2, NULL)");
    builder.table_map(1, "app", "t").rows(1, true, "0123456789").xid();
    ++transactions;
  };
  const Scanned scanned = measure(dump(std::size_t{64} << 20, add, mariadb));
  require(scanned.events > 5 * transactions && scanned.dropped == 0, "all is kept");
  return {"small transactions with their texts, kept", "million events/s",
          static_cast<double>(scanned.events) / scanned.seconds / 1e6};
}

Result dropped_events(std::size_t row_size, const char* name) {
  const std::string row(row_size, 'x');
  const auto stream = dump(std::size_t{64} << 20, [&](BinlogBuilder& builder) {
    builder.begin().table_map(1, "mysql", "t").rows(1, true, row).xid();
  });
  const Scanned scanned = measure(stream);
  require(scanned.dropped * 2 + 1 >= scanned.events * 4 / 5, "half of the events are dropped");
  return {name, "ns/dropped event", scanned.seconds * 1e9 / static_cast<double>(scanned.dropped)};
}

/// `drops`: how many of the texts are to be dropped.
Result statements(const char* name, const std::vector<std::string>& texts, std::size_t drops) {
  constexpr int repeats = 20000;
  const filters::StatementContext context{"app", 0, 45, false, 90704};
  std::size_t dropped = 0;
  const double seconds = best_time(
      [] {},
      [&] {
        for (int i = 0; i < repeats; ++i) {
          for (const auto& text : texts) {
            const auto judged = filters::judge_statement(text, false, context, drop_system);
            dropped += judged.verdict == filters::StatementVerdict::drop;
          }
        }
      });
  require(dropped == drops * repeats * rounds, "statements are judged as they should be");
  return {name, "ns/statement", seconds * 1e9 / static_cast<double>(texts.size() * repeats)};
}

Result payloads(bool mixed, const char* name) {
  BinlogBuilder inner({"9.7.4", 42, false, false});
  inner.query("BEGIN");
  for (int i = 0; i < 20; ++i) {
    inner.table_map(1, "app", "t")
        .rows(1, true, "row " + std::to_string(i) + std::string(200, 'x'));
  }
  if (mixed) inner.table_map(2, "mysql", "t").rows(2, true, std::string(200, 'y'));
  inner.xid();
  const Buffer body = test::payload_body(test::bare_events(inner));
  std::size_t count = 0;
  const auto stream = dump(std::size_t{2} << 20, [&](BinlogBuilder& builder) {
    builder.gtid().event(binlog::EventType::transaction_payload, body);
    ++count;
  });
  const Scanned scanned = measure(stream);
  require((scanned.dropped > 0) == mixed, "payloads are opened");
  return {name, "us/payload", scanned.seconds * 1e6 / static_cast<double>(count)};
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"wide", wide_rows},
      {"small", [] { return small_events(1, "small transactions, kept"); }},
      {"small-in-turn", [] { return small_events(2, "small transactions on two tables in turn"); }},
      {"small-annotated", annotated_rows},
      {"drop-small", [] { return dropped_events(10, "dropped rows of 10 bytes"); }},
      {"drop-wide", [] { return dropped_events(8000, "dropped rows of 8000 bytes"); }},
      {"insert",
       [] {
         return statements(
             "INSERT, kept or dropped",
             {"INSERT INTO app.t (a, b) VALUES (1, 'text with \\' a quote'), (2, NULL)",
              "INSERT INTO mysql.t VALUES (1)", "insert ignore into t select * from u"},
             1);
       }},
      {"ddl",
       [] {
         return statements(
             "DDL and accounts",
             {"CREATE TABLE `app`.`t` (id INT PRIMARY KEY, v VARCHAR(100)) ENGINE=InnoDB",
              "CREATE USER 'u'@'%' IDENTIFIED WITH 'caching_sha2_password' AS 'x'",
              "ALTER TABLE t ADD COLUMN c INT NOT NULL DEFAULT 0 AFTER b",
              "/* c */ DROP TABLE IF EXISTS `a`, `b` /* generated by server */"},
             1);
       }},
      {"payload", [] { return payloads(false, "payload of 42 events, kept"); }},
      {"payload-mixed", [] { return payloads(true, "payload of 44 events, rewritten"); }},
  };
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  return run(cases(), std::span(arguments + 1, static_cast<std::size_t>(count - 1)));
}

// TRANSACTION_PAYLOADs, as masters write them and as nobody does: what is dropped is gone from
// inside, what is kept is there, and the event keeps its place.
#include "fuzz/filters/passing.hpp"
#include "unit/protocol/binlog/payload_builder.hpp"

using namespace sluice;
using fuzz::expect;
using fuzz::Outcome;
using fuzz::State;
using test::BinlogBuilder;

namespace {

constexpr std::string_view secret = "TOP-SECRET", kept = "KEPT-DATA";
constexpr std::size_t events_around = 4;  // ROTATE, FORMAT_DESCRIPTION, GTID and the payload

const filters::TableRules drop_system;

struct Transaction {
  Buffer events;
  std::size_t kept_rows = 0;
  bool drops = false;
};

Transaction build(fuzz::Choices& choices) {
  BinlogBuilder builder({"9.7.4", 42, false, false});
  Transaction transaction;
  builder.query("BEGIN");
  for (std::uint8_t more = choices.byte() % 5; more > 0; --more) {
    const std::uint8_t bits = choices.byte();
    const bool drop = (bits & 1) != 0;
    const std::string text = std::string(drop ? secret : kept).append(choices.byte(), 'x');
    transaction.drops = transaction.drops || drop;
    if (!drop) ++transaction.kept_rows;
    const std::string statement =
        std::string("INSERT INTO ").append(drop ? "mysql.t" : "app.t").append(" VALUES ('") + text +
        "')";
    if ((bits & 2) != 0) {
      builder.query(statement);
      continue;
    }
    if ((bits & 4) != 0) builder.rows_query(statement);
    builder.table_map(1, drop ? "mysql" : "app", "t").rows(1, true, text);
  }
  builder.xid();
  transaction.events = test::bare_events(builder);
  return transaction;
}

BinlogBuilder dump_of(Bytes body, bool crc) {
  BinlogBuilder builder({"9.7.4", 42, crc, false});
  builder.begin_dump().gtid().event(binlog::EventType::transaction_payload, body);
  return builder;
}

void check_written_by_a_master(fuzz::Choices& choices) {
  const std::uint8_t bits = choices.byte();
  const bool crc = (bits & 1) != 0;
  const auto compression = (bits & 2) != 0 ? binlog::Compression::none : binlog::Compression::zstd;
  const std::uint8_t piece = choices.byte();
  const std::uint64_t padding = std::max<std::uint64_t>(choices.byte(), 2);
  const Transaction transaction = build(choices);
  // With room for what compresses worse when a part of it is wiped.
  const auto builder =
      dump_of(test::payload_body(transaction.events, compression, padding + 400), crc);

  const fuzz::Manner manner{&drop_system};
  const Outcome whole = fuzz::pass(manner, builder.stream(), fuzz::in_one_piece());
  expect(whole.state == State::flowing, "what a master writes can be judged");
  expect(whole.out.size() == builder.size(), "the size stays");
  expect(transaction.drops || whole.out == builder.stream(), "what is kept stays as it is");
  expect(whole == fuzz::pass(manner, builder.stream(), [&] { return piece; }),
         "the pieces a stream comes in make no difference");
  expect(fuzz::pass(manner, whole.out, fuzz::in_one_piece()).out == whole.out,
         "a second relay behind the first changes nothing");

  const auto events = test::read_events(whole.out);
  expect(events.size() == events_around, "events are replaced one for one");
  expect(!crc || events.back().crc_is_right(), "checksums are right");
  if (events.back().header.type == binlog::EventType::query) {
    expect(transaction.kept_rows == 0, "what is kept is there");
    return;
  }
  const auto trailer = static_cast<std::ptrdiff_t>(crc ? 4 : 0);
  const auto& bytes = events.back().bytes;
  const Buffer inside = test::payload_events(Buffer(bytes.begin() + 19, bytes.end() - trailer));
  expect(inside.size() == transaction.events.size(), "the events inside keep their sizes");
  const std::string_view text = as_text(inside);
  expect(text.find(secret) == std::string_view::npos, "what is dropped is gone");
  expect(transaction.kept_rows == 0 || text.find(kept) != std::string_view::npos,
         "what is kept is there");
}

void check_anything(Bytes body, std::uint8_t piece) {
  const auto builder = dump_of(body, false);
  fuzz::Manner manner{&drop_system};
  manner.max_payload = std::uint64_t{1} << 20;
  const Outcome whole = fuzz::pass(manner, builder.stream(), fuzz::in_one_piece());
  const Outcome pieces = fuzz::pass(manner, builder.stream(), [&] { return piece; });
  expect(whole.out == pieces.out && whole.state == pieces.state,
         "the pieces a stream comes in make no difference");
  if (whole.state == State::failed) return;
  expect(whole.out.size() == builder.size(), "the size stays");
  expect(fuzz::pass(manner, whole.out, fuzz::in_one_piece()).out == whole.out,
         "a second relay behind the first changes nothing");
}

}  // namespace

FUZZ_TARGET(payload) {
  fuzz::Choices choices(input);
  const std::uint8_t how = choices.byte();
  const std::uint8_t piece = choices.byte();
  if ((how & 1) != 0) {
    check_written_by_a_master(choices);
  } else if (input.size() > 2) {
    // Plain, so that the fuzzer gets at the events, or whatever it makes of a head of its own.
    const Bytes rest = input.subspan(2);
    check_anything((how & 2) != 0 ? test::payload_body(rest, binlog::Compression::none)
                                  : Buffer(rest.begin(), rest.end()),
                   piece);
  }
}

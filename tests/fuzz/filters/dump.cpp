// StreamFilter on dumps as masters send them, built from the fuzzer's choices: coordinates stay,
// what is dropped is gone, what is kept is there.
#include "fuzz/filters/passing.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"

using namespace sluice;
using fuzz::expect;
using fuzz::Outcome;
using fuzz::State;
using test::BinlogBuilder;

namespace {

constexpr std::string_view secret = "TOP-SECRET", kept = "KEPT-DATA";

const filters::TableRules drop_system;
const filters::TableRules drop_nothing(filters::SystemSchema::keep, {}, {});

const BinlogBuilder::Flavour flavours[] = {{"9.7.4", 42},
                                           {"8.0.36", 41},
                                           {"5.7.36-log", 38},
                                           {"5.6.24-log", 35},
                                           {"10.11.19-MariaDB-log", 171},
                                           {"11.8.6-MariaDB", 171}};

struct Dump {
  BinlogBuilder builder;
  std::size_t kept_rows = 0;
  bool mariadb = false;
};

std::string text_of(std::string_view head, bool dropped, std::size_t size) {
  return std::string(head).append(dropped ? secret : kept).append(size, 'x');
}

/// A statement over one to four tables, each of which the rules may drop.
void add_row_statement(Dump& dump, fuzz::Choices& choices) {
  const std::uint8_t dropped = choices.byte();  // a bit for each table
  const std::size_t tables = 1 + (dropped >> 4) % 4;
  const bool any = (dropped & ((1U << tables) - 1)) != 0;
  const std::uint8_t annotation = choices.byte();
  if (annotation % 3 != 0) dump.builder.rows_query(text_of("DO ", any, annotation));
  for (std::size_t i = 0; i < tables; ++i) {
    const bool drop = (dropped >> i & 1) != 0;
    dump.builder.table_map(i + 1, drop ? "mysql" : "app", choices.yes() ? "t" : "a_longer_name");
  }
  using enum binlog::EventType;
  constexpr binlog::EventType types[] = {write_rows_v2,      update_rows_v2, delete_rows_v2,
                                         write_rows_v1,      update_rows_v1, delete_rows_v1,
                                         partial_update_rows};
  constexpr binlog::EventType compressed[] = {write_rows_compressed_v1,  update_rows_compressed_v1,
                                              delete_rows_compressed_v1, write_rows_compressed_v2,
                                              update_rows_compressed_v2, delete_rows_compressed_v2};
  const std::size_t events = 1 + choices.byte() % 4;
  for (std::size_t i = 1; i <= events; ++i) {
    const std::uint8_t which = choices.byte();
    const std::size_t table = which % tables;
    const bool drop = (dropped >> table & 1) != 0;
    if (!drop) ++dump.kept_rows;
    const bool packed = dump.mariadb && (which & 0x80) != 0;
    dump.builder.rows(table + 1, i == events, text_of("", drop, choices.byte()),
                      packed ? compressed[(which >> 2) % std::size(compressed)]
                             : types[(which >> 2) % std::size(types)]);
  }
}

void add_statement(Dump& dump, fuzz::Choices& choices) {
  const std::uint8_t bits = choices.byte();
  const bool drop = (bits & 1) != 0;
  if ((bits & 2) != 0) dump.builder.intvar();
  if ((bits & 4) != 0)
    dump.builder.event(binlog::EventType::user_var, as_bytes(drop ? secret : kept));
  if ((bits & 4) != 0 && !drop) ++dump.kept_rows;
  const std::string schema = drop ? "mysql." : "app.";
  if ((bits & 0x30) == 0x30) {
    if (!drop) dump.kept_rows += 2;
    dump.builder.load_data("LOAD DATA INFILE 'x' INTO TABLE " + schema + "t",
                           text_of("", drop, bits));
    return;
  }
  const std::string text = text_of("t VALUES ('", drop, bits) + "')";
  if (dump.mariadb && (bits & 8) != 0) {
    dump.builder.query_compressed("INSERT INTO " + schema + text);
    return;
  }
  if (!drop) ++dump.kept_rows;
  dump.builder.query("INSERT INTO " + schema + text);
}

void add_group(Dump& dump, fuzz::Choices& choices) {
  const std::uint8_t kind = choices.byte() % 8;
  if (kind == 0) {
    dump.builder.standalone_gtid().query(text_of("CREATE USER u IDENTIFIED BY '", true, 3) + "'");
    return;
  }
  if (kind == 1) {
    ++dump.kept_rows;
    dump.builder.standalone_gtid().query(text_of("CREATE TABLE app.t (a INT) COMMENT '", false, 3) +
                                         "'");
    return;
  }
  const bool xa = kind == 4 && !dump.mariadb;
  if (xa) {
    dump.builder.gtid().query("XA START X'61',X'',1");
  } else {
    dump.builder.begin();
  }
  for (std::uint8_t more = choices.byte() % 4; more > 0; --more) {
    if (choices.yes()) {
      add_row_statement(dump, choices);
    } else {
      add_statement(dump, choices);
    }
  }
  if (xa) {
    dump.builder.query("XA END X'61',X'',1");
    dump.builder.event(binlog::EventType::xa_prepare, Buffer(14, 1));
    dump.builder.gtid().query("XA COMMIT X'61',X'',1");
  } else if (kind == 2) {
    dump.builder.query("ROLLBACK");
  } else if (kind == 3) {
    dump.builder.query("COMMIT");
  } else {
    dump.builder.xid();
  }
}

Dump build(fuzz::Choices& choices, bool semi_sync) {
  const std::uint8_t bits = choices.byte();
  BinlogBuilder::Flavour flavour = flavours[(bits >> 1) % std::size(flavours)];
  flavour.crc = (bits & 1) != 0;
  flavour.semi_sync = semi_sync;
  Dump dump{BinlogBuilder(flavour)};
  dump.mariadb = flavour.types > 160;
  dump.builder.begin_dump();
  constexpr std::size_t enough = std::size_t{8} << 10;
  while (choices.any() && dump.builder.size() < enough) add_group(dump, choices);
  return dump;
}

std::size_t count(Bytes bytes, std::string_view what) {
  const std::string_view text = as_text(bytes);
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
  return found;
}

void expect_same_coordinates(Bytes before, Bytes after, bool semi_sync) {
  const auto old_events = test::read_events(before, semi_sync);
  const auto events = test::read_events(after, semi_sync);
  expect(before.size() == after.size() && old_events.size() == events.size(),
         "events are replaced one for one");
  bool crc = true;
  for (const auto& event : old_events) crc = crc && event.crc_is_right();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& was = old_events[i].header;
    const auto& is = events[i].header;
    expect(is.size == was.size && is.log_pos == was.log_pos && is.server_id == was.server_id &&
               is.timestamp == was.timestamp,
           "size, position, server and time stay");
    expect(!crc || events[i].crc_is_right(), "checksums are right");
    if (is.type == was.type) continue;
    const auto rows = binlog::rows_layout(was.type);
    expect(is.type == binlog::EventType::ignorable || is.type == binlog::EventType::query ||
               (rows && is.type == rows->plain),
           "another type is IGNORABLE, QUERY, or the same without compression");
  }
}

}  // namespace

FUZZ_TARGET(dump) {
  fuzz::Choices choices(input);
  const std::uint8_t bits = choices.byte();
  const std::uint8_t piece = choices.byte();
  fuzz::Manner manner{&drop_system};
  manner.semi_sync = (bits & 1) != 0;
  const Dump dump = build(choices, manner.semi_sync);
  const Buffer& stream = dump.builder.stream();

  const Outcome whole = fuzz::pass(manner, stream, fuzz::in_one_piece());
  expect(whole.state == State::flowing, "what a master writes can be judged");
  expect(whole.position.position == dump.builder.position(), "positions are followed");
  expect_same_coordinates(stream, whole.out, manner.semi_sync);
  expect(count(whole.out, secret) == 0, "what is dropped is gone");
  expect(count(whole.out, kept) >= dump.kept_rows, "what is kept is there");
  expect(whole == fuzz::pass(manner, stream, [&] { return piece; }),
         "the pieces a stream comes in make no difference");
  expect(fuzz::pass(manner, whole.out, fuzz::in_one_piece()).out == whole.out,
         "a second relay behind the first changes nothing");

  fuzz::Manner plain = manner;
  plain.rules = &drop_nothing;
  expect(fuzz::pass(plain, stream, [&] { return piece; }).out == stream,
         "rules that drop nothing change no byte");

  manner.stop_at_border = true;
  const Outcome stopped = fuzz::pass(manner, stream, fuzz::in_one_piece());
  expect(stopped.state == State::stopped || stopped.state == State::flowing, "a border is found");
  expect(std::equal(stopped.out.begin(), stopped.out.end(), whole.out.begin()),
         "and what is before it is the same");
}

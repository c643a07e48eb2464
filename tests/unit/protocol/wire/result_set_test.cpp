#include "protocol/wire/result_set.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/result_set_builder.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using Progress = ResponseReader::Progress;

namespace {

constexpr Capabilities with_eof{Capability::protocol_41};
constexpr Capabilities without_eof{Capability::protocol_41, Capability::deprecate_eof};
constexpr std::size_t limit = 65536;

ResultSet sample() {
  ResultSet set;
  set.columns.resize(2);
  set.columns[0].name = "Variable_name";
  set.columns[1].name = "Value";
  set.rows = {{"server_id", "17"}, {std::nullopt, ""}, {std::string(300, 'x'), std::nullopt}};
  return set;
}

/// Reads framed packets back as payloads.
std::vector<Buffer> unframed(Bytes stream, std::uint8_t sequence) {
  std::vector<Buffer> payloads;
  PacketAssembler assembler(1u << 20);
  assembler.expect_sequence(sequence);
  while (!stream.empty()) {
    const auto step = assembler.feed(stream);
    REQUIRE(step.status == PacketAssembler::Status::complete);
    stream = stream.subspan(step.consumed);
    payloads.emplace_back(assembler.payload().begin(), assembler.payload().end());
  }
  return payloads;
}

Progress collect(AnswerCollector& collector, const std::vector<Buffer>& payloads) {
  auto progress = Progress::more;
  for (const auto& payload : payloads) {
    REQUIRE(progress == Progress::more);
    progress = collector.feed(payload);
  }
  return progress;
}

}  // namespace

TEST_CASE("result set: written and collected again") {
  for (const auto capabilities : {with_eof, without_eof}) {
    Buffer out;
    std::uint8_t sequence = 1;
    append_result_set(out, sample(), capabilities, sequence);
    const auto payloads = unframed(out, 1);
    CHECK(payloads.size() == (capabilities == with_eof ? 8 : 7));
    CHECK(sequence == payloads.size() + 1);

    AnswerCollector collector(capabilities, limit);
    CHECK(collect(collector, payloads) == Progress::complete);
    CHECK_FALSE(collector.error());
    CHECK(collector.result_set() == sample());
  }
}

TEST_CASE("result set: recorded answers") {
  const auto answers = test::recorded("answer");
  REQUIRE(answers.size() == 6);
  for (const auto& answer : answers) {
    CAPTURE(answer.source);
    AnswerCollector collector(with_eof, limit);
    REQUIRE(collect(collector, answer.payloads) == Progress::complete);
    const auto& set = collector.result_set();
    REQUIRE(set.rows.size() == 1);
    if (set.columns.size() == 2) {
      CHECK(set.rows[0][0] == "server_id");
    } else if (set.columns[0].name == "@nosuch") {
      CHECK(set.rows[0][0] == std::nullopt);
    } else {
      CHECK(set.columns[0].name == "UNIX_TIMESTAMP()");
      CHECK(set.columns[0].type == 8);
    }
    for (std::size_t i = 1; i <= set.columns.size(); ++i) {
      const auto& payload = answer.payloads[i];
      CHECK(test::serialized(*parse_column_definition(payload)) == payload);
      test::for_each_truncation(payload,
                                [](Bytes part) { CHECK_FALSE(parse_column_definition(part)); });
    }
  }
}

TEST_CASE("result set: rows that do not fit the columns") {
  CHECK(parse_row(test::hex("0161 fb"), 2));
  CHECK_FALSE(parse_row(test::hex("0161 fb"), 1));
  CHECK_FALSE(parse_row(test::hex("0161 fb"), 3));
  CHECK_FALSE(parse_row(test::hex("0561"), 1));
  CHECK_FALSE(parse_row(test::hex("ff"), 1));
  Buffer row;
  serialize_row(sample().rows[2], row);
  test::for_each_truncation(row, [](Bytes part) { CHECK_FALSE(parse_row(part, 2)); });
}

TEST_CASE("result set: an error instead") {
  AnswerCollector collector(with_eof, limit);
  const ErrPacket err{1193, "HY000", "Unknown system variable 'x'"};
  CHECK(collector.feed(test::serialized(err)) == Progress::complete);
  CHECK(collector.error() == err);
}

TEST_CASE("result set: more than the limit") {
  AnswerCollector collector(with_eof, 10);
  CHECK(collector.feed(test::hex("01")) == Progress::more);
  CHECK(collector.feed(Buffer(38, 1)) == Progress::malformed);
}

#include "protocol/wire/response_reader.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using Progress = ResponseReader::Progress;
using Part = ResponseReader::Part;

namespace {

constexpr Capabilities with_eof{Capability::protocol_41};
constexpr Capabilities without_eof{Capability::protocol_41, Capability::deprecate_eof};

const Buffer column = test::hex("03646566 00 00 00 0161 00 0c 2d00 04000000 fd 0000 00 0000");
const Buffer eof = test::hex("fe 0000 0200");
const Buffer eof_more = test::hex("fe 0000 0a00");
const Buffer ok = test::hex("00 00 00 0200 0000");
const Buffer ok_more = test::hex("00 00 00 0a00 0000");
const Buffer ok_as_eof = test::hex("fe 00 00 0200 0000");
const Buffer err = test::hex("ff 1904 23 3432303030 6e6f");
const Buffer one = test::hex("01");
const Buffer row = test::hex("0178");

struct Case {
  const char* name;
  Capabilities capabilities;
  std::vector<Buffer> payloads;
};

}  // namespace

TEST_CASE("response reader: complete answers, and nothing before") {
  const Case cases[] = {
      {"ok", with_eof, {ok}},
      {"err", with_eof, {err}},
      {"empty set", with_eof, {one, column, eof, eof}},
      {"rows", with_eof, {one, column, eof, row, row, eof}},
      {"rows, no eof", without_eof, {one, column, row, row, ok_as_eof}},
      {"err among rows", with_eof, {one, column, eof, row, err}},
      {"two columns", with_eof, {test::hex("02"), column, column, eof, eof}},
      {"two sets", with_eof, {one, column, eof, row, eof_more, one, column, eof, row, eof}},
      {"ok, then ok", with_eof, {ok_more, ok}},
      {"ok, then err", with_eof, {ok_more, err}},
      {"set, then ok", with_eof, {one, column, eof, eof_more, ok}},
  };
  for (const auto& sample : cases) {
    const auto& name = sample.name;
    const auto& capabilities = sample.capabilities;
    const auto& payloads = sample.payloads;
    CAPTURE(name);
    ResponseReader reader(capabilities);
    for (int round = 0; round < 2; ++round) {  // ready for the next answer
      for (std::size_t i = 0; i < payloads.size(); ++i) {
        const bool last = i + 1 == payloads.size();
        CHECK(reader.feed(payloads[i]) == (last ? Progress::complete : Progress::more));
      }
    }
  }
}

TEST_CASE("response reader: malformed answers stay malformed") {
  const Case cases[] = {
      {"nothing", with_eof, {Buffer{}}},
      {"local file", with_eof, {test::hex("fb 2f657463")}},
      {"auth switch", with_eof, {test::hex("fe 61 00")}},
      {"short ok", with_eof, {test::hex("00 00")}},
      {"short err", with_eof, {test::hex("ff 01")}},
      {"count with a tail", with_eof, {test::hex("01 01")}},
      {"too many columns", with_eof, {test::hex("fc 0110")}},
      {"err among columns", with_eof, {one, err}},
      {"empty column", with_eof, {one, Buffer{}}},
      {"no eof behind the columns", with_eof, {one, column, row}},
      {"empty row", with_eof, {one, column, eof, Buffer{}}},
      {"short eof", with_eof, {one, column, eof, test::hex("fe 00")}},
      {"short ok behind rows", without_eof, {one, column, test::hex("fe 00")}},
  };
  for (const auto& sample : cases) {
    const auto& name = sample.name;
    const auto& capabilities = sample.capabilities;
    const auto& payloads = sample.payloads;
    CAPTURE(name);
    ResponseReader reader(capabilities);
    auto progress = Progress::more;
    for (const auto& payload : payloads) {
      REQUIRE(progress == Progress::more);
      progress = reader.feed(payload);
    }
    CHECK(progress == Progress::malformed);
    CHECK(reader.feed(ok) == Progress::malformed);
  }
}

TEST_CASE("response reader: a long row may begin with 0xFE") {
  Buffer long_row = test::hex("fe 0000000100000000");
  long_row.resize(long_row.size() + 100);
  ResponseReader reader(with_eof);
  static_cast<void>(reader.feed(one));
  static_cast<void>(reader.feed(column));
  CHECK(reader.feed(eof) == Progress::more);
  CHECK(reader.last_part() == Part::columns_end);
  CHECK(reader.feed(long_row) == Progress::more);
  CHECK(reader.last_part() == Part::row);
  CHECK(reader.feed(eof) == Progress::complete);
  CHECK(reader.last_part() == Part::rows_end);
}

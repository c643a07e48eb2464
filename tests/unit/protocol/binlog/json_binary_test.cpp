#include "protocol/binlog/json_binary.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/json_diff.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::hex;

namespace {

/// An array of one value, `depth` times within each other.
Buffer nested(unsigned depth) {
  Buffer document = hex("0c 00");
  for (unsigned i = 0; i < depth; ++i) {
    Buffer outer;
    Writer(outer)
        .u8(2)
        .u16(1)
        .u16(6 + document.size())
        .u8(document[0])
        .u16(7)
        .bytes(Bytes(document).subspan(1));
    store_le(outer.data() + 3, outer.size() - 1, 2);
    store_le(outer.data() + 6, 7, 2);
    document = std::move(outer);
  }
  return document;
}

}  // namespace

TEST_CASE("binary JSON: scalars") {
  struct Case {
    std::string_view bytes, text;
  };
  for (const auto& [bytes, text] :
       {Case{"", "null"}, Case{"04 00", "null"}, Case{"04 01", "true"}, Case{"04 02", "false"},
        Case{"05 ffff", "-1"}, Case{"06 ffff", "65535"}, Case{"07 00000080", "-2147483648"},
        Case{"08 ffffffff", "4294967295"}, Case{"09 0000000000000080", "-9223372036854775808"},
        Case{"0a ffffffffffffffff", "18446744073709551615"}, Case{"0b 000000000000f03f", "1.0"},
        Case{"0b 000000000000f07f", "null"}, Case{"0c 00", "\"\""},
        Case{"0c 03 610a22", "\"a\\n\\\"\""}, Case{"0c 02 c3a4", "\"\xc3\xa4\""},
        Case{"0c 01 ff", "\"\\ufffd\""}, Case{"0f fc 03 00ff10", "\"base64:type252:AP8Q\""},
        Case{"0f fc 01 00", "\"base64:type252:AA==\""},
        // DECIMAL(65,0), which has 72 digits here.
        Case{
            "0f f6 22 4800 8000004d 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff",
            "77999999999999999999999999999999999999999999999999999999999999999"}}) {
    CAPTURE(bytes);
    CHECK(json_text(hex(bytes)) == text);
    test::for_each_truncation(hex(bytes), [&](Bytes part) {
      if (!part.empty()) CHECK_FALSE(json_text(part));
    });
  }
}

TEST_CASE("binary JSON: the large format") {
  // {"k": [-1, 70000]} with offsets of four bytes.
  const Buffer document =
      hex("01 01000000 24000000 13000000 0100 03 14000000 6b"
          " 02000000 12000000 05 ffff0000 07 70110100");
  Buffer right = document;
  store_le(right.data() + 5, right.size() - 1, 4);
  CHECK(json_text(right) == R"({"k": [-1, 70000]})");
  test::for_each_truncation(right, [](Bytes part) {
    if (!part.empty()) CHECK_FALSE(json_text(part));
  });
}

TEST_CASE("binary JSON: depth has a limit, that of the servers") {
  CHECK(json_text(nested(100)));
  CHECK_FALSE(json_text(nested(101)));
  CHECK_FALSE(json_text(nested(200)));
}

TEST_CASE("binary JSON: values that lie one in another's place do not grow without end") {
  // An array of 60 arrays that are all the same one, 20 deep: 60^20 values if it were printed.
  Buffer document;
  Writer(document).u8(2);
  for (unsigned level = 0; level < 20; ++level) {
    Writer(document).u16(60).u16(0);
    for (unsigned i = 0; i < 60; ++i) Writer(document).u8(level == 19 ? 4 : 2).u16(184);
  }
  // Places count from the front of the container they are in, which ends where the document does.
  for (unsigned level = 0; level < 20; ++level) {
    store_le(document.data() + 1 + 184 * level + 2, document.size() - 1 - 184 * level, 2);
  }
  CHECK_FALSE(json_text(document));
}

TEST_CASE("binary JSON: changes that cannot be") {
  CHECK(json_diff_text(hex("")) == "[]");
  CHECK(json_diff_text(hex("02 01 24")) == R"([{"op": "remove", "path": "$"}])");
  CHECK_FALSE(json_diff_text(hex("03 01 24")));
  CHECK_FALSE(json_diff_text(hex("02 02 24")));
  CHECK_FALSE(json_diff_text(hex("00 01 24")));
  CHECK_FALSE(json_diff_text(hex("00 01 24 02 05 01")));
}

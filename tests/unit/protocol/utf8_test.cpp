#include "protocol/utf8.hpp"

#include <doctest/doctest.h>

#include "protocol/json_text.hpp"

using namespace sluice;

TEST_CASE("UTF-8: what is a character and what is not") {
  struct Case {
    std::string_view text;
    std::size_t size;
  };
  for (const auto& [text, size] : {Case{"", 0},
                                   Case{"a", 1},
                                   Case{"\x7f", 1},
                                   Case{"\xc2\x80", 2},
                                   Case{"\xe0\xa0\x80", 3},
                                   Case{"\xed\x9f\xbf", 3},
                                   Case{"\xf0\x90\x80\x80", 4},
                                   Case{"\xf4\x8f\xbf\xbf", 4},
                                   Case{"\x80", 0},
                                   Case{"\xc0\x80", 0},
                                   Case{"\xc1\xbf", 0},
                                   Case{"\xc2", 0},
                                   Case{"\xc2 ", 0},
                                   Case{"\xe0\x9f\xbf", 0},
                                   Case{"\xed\xa0\x80", 0},
                                   Case{"\xe2\x82", 0},
                                   Case{"\xe2\x82 ", 0},
                                   Case{"\xf0\x8f\xbf\xbf", 0},
                                   Case{"\xf4\x90\x80\x80", 0},
                                   Case{"\xf5\x80\x80\x80", 0},
                                   Case{"\xff", 0}}) {
    CAPTURE(text);
    CHECK(utf8_size(text) == size);
    CHECK(is_utf8(text) == (size > 0 || text.empty()));
    if (size == 0) CHECK(is_utf8(repaired_utf8(text)));
  }
  CHECK(repaired_utf8("a\xff\xe2\x82\xac") == "a\xef\xbf\xbd\xe2\x82\xac");
}

TEST_CASE("UTF-8: every character comes back") {
  std::string text;
  for (std::uint32_t character = 0; character <= 0x110000; ++character) {
    text.clear();
    append_utf8(text, character);
    const bool none = (character >= 0xD800 && character < 0xE000) || character > 0x10FFFF;
    REQUIRE(utf8_size(text) == text.size());
    REQUIRE((text == "\xef\xbf\xbd") == (none || character == 0xFFFD));
  }
}

TEST_CASE("JSON text") {
  std::string out;
  append_json_string(out, std::string_view("a\"\\/\b\f\n\r\t\x01\x7f\0\xc3\xa4\xff", 15));
  CHECK(out == "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\\u0000\xc3\xa4\\ufffd\"");
  CHECK(json_double(0) == "0.0");
  CHECK(json_double(-1.5) == "-1.5");
  CHECK(json_double(1e300) == "1e+300");
  CHECK(json_double(1.0 / 0.0) == "null");
  CHECK(json_float(0.1F) == "0.1");
}

#include "proxy/events/row_text.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/column_value.hpp"

using namespace sluice::proxy::events;
using sluice::binlog::ColumnValue;
using Kind = ColumnValue::Kind;

namespace {

struct Case {
  ColumnValue value;
  std::string_view text;
  std::string_view json;
};

}  // namespace

TEST_CASE("a row's values, for people and for programs") {
  for (const Case& one : {
           Case{{Kind::null, "", ""}, "NULL", "null"},
           Case{{Kind::number, "-1", ""}, "-1", "-1"},
           // Nothing tells whether it has a sign.
           Case{{Kind::number, "-1", "4294967295"},
                "-1 (4294967295 unsigned)",
                R"({"signed": -1, "unsigned": 4294967295})"},
           Case{{Kind::decimal, "1.50", ""}, "1.50", R"("1.50")"},
           Case{{Kind::bits, "101", ""}, "b'101'", R"("101")"},
           Case{{Kind::text, "it's", ""}, R"('it\'s')", R"("it's")"},
           Case{{Kind::bytes, "\xff", ""}, "x'ff'", R"({"hex": "ff"})"},
           Case{
               {Kind::bytes, "\xff", "POINT, SRID 0"}, "x'ff' (POINT, SRID 0)", R"({"hex": "ff"})"},
           Case{{Kind::vector, "[1, 2.5]", ""}, "[1, 2.5]", "[1, 2.5]"},
           // Documents that look like something else.
           Case{{Kind::json, "null", ""}, "null", R"({"json": null})"},
           Case{{Kind::json, R"({"hex": "ff"})", ""},
                R"({"hex": "ff"})",
                R"({"json": {"hex": "ff"}})"},
           Case{{Kind::json, R"({"changes": []})", ""},
                R"({"changes": []})",
                R"({"json": {"changes": []}})"},
           Case{{Kind::json, "[]", "changes"}, "[] (changes)", R"({"changes": []})"},
       }) {
    CAPTURE(one.text);
    CHECK(value_text(one.value) == one.text);
    CHECK(value_json(one.value) == one.json);
  }
}

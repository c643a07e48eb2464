#include "proxy/base/json_object.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy;

TEST_CASE("JSON objects: member by member, also in pieces") {
  CHECK(JsonObject().finish() == "{}");
  JsonObject object;
  object.text("a \"b\"", "c\n");
  object.number("n", 18446744073709551615u);
  CHECK(object.take() == R"({"a \"b\"": "c\n", "n": 18446744073709551615)");
  CHECK(object.take().empty());
  object.flag("yes");
  object.raw("in", "{}");
  CHECK(object.finish() == R"(, "yes": true, "in": {}})");
}

TEST_CASE("JSON lists") {
  CHECK(JsonList().finish() == "[]");
  JsonList list;
  list.text("a \"b\"");
  list.raw("17");
  list.text("");
  CHECK(list.finish() == R"(["a \"b\"", 17, ""])");
  JsonList lines(",");
  lines.raw("\n1");
  lines.raw("\n2");
  CHECK(lines.finish() == "[\n1,\n2]");
}

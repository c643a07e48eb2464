#include "proxy/base/escaped_text.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy;

TEST_CASE("inspect: names from files cannot speak to the terminal") {
  CHECK(escaped("plain täst €") == "plain täst €");
  CHECK(escaped("a\x1b[31mb") == "a\\x1b[31mb");
  CHECK(escaped("a\nb\r\t\\") == "a\\nb\\r\\t\\\\");
  CHECK(escaped(std::string_view("\0\x07\x7f", 3)) == "\\x00\\x07\\x7f");
  CHECK(escaped("\xff\xfe") == "\\xff\\xfe");
  CHECK(escaped("\xc2\x9b") == "\\xc2\\x9b");  // CSI in one character
  CHECK(escaped("\xc2\xa0") == "\xc2\xa0");
  CHECK(escaped("\xe2\x80\xae") == "\\xe2\\x80\\xae");  // right-to-left override
  CHECK(escaped("\xe2\x81\xa6") == "\\xe2\\x81\\xa6");
  CHECK(escaped("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");  // line separator
  CHECK(escaped("\xd8\x9c") == "\\xd8\\x9c");
  CHECK(without_controls("\"\\n\x1b\"") == "\"\\n\\x1b\"");
  CHECK(quoted("it's \\") == "'it\\'s \\\\'");
  CHECK(quoted("") == "''");
}

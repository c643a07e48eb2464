#include "protocol/hex.hpp"

#include <doctest/doctest.h>

using namespace sluice;

TEST_CASE("Hexadecimal digits: both ways, and what are none") {
  const std::string_view bytes("\0\x7f\xab\xff", 4);
  CHECK(to_hex(bytes) == "007fabff");
  CHECK(to_upper_hex(bytes) == "007FABFF");
  CHECK(from_hex("007faBFf") == bytes);
  CHECK(from_hex("") == "");
  CHECK(from_hex("0") == std::nullopt);
  CHECK(from_hex("0x") == std::nullopt);
  CHECK(from_hex("+1") == std::nullopt);
  CHECK(from_hex("-1") == std::nullopt);
  CHECK(from_hex(" 1") == std::nullopt);
  std::string text = "x";
  append_hex(text, 0x0a);
  CHECK(text == "x0a");
}

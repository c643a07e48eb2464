#include "proxy/config/password_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace sluice::proxy;
using namespace std::string_view_literals;

TEST_CASE("the end of a password's line") {
  CHECK(without_line_end("a") == "a");
  CHECK(without_line_end("a\n") == "a");
  CHECK(without_line_end("a\r\n") == "a");
  CHECK(without_line_end("a\n\n") == "a\n");
  CHECK(without_line_end("\n").empty());
}

TEST_CASE("what may be a password") {
  for (const std::string_view text : {"", "s3cret", " with blanks ", "Zo\xC3\xAB", "a\\n"}) {
    CHECK_MESSAGE(why_no_password(text).empty(), text);
  }
  CHECK(why_no_password(std::string(longest_password, 'x')).empty());
  CHECK(why_no_password(std::string(longest_password + 1, 'x')) == "is too long for a password");
  CHECK(why_no_password("\xEF\xBB\xBFsecret").starts_with("begins with a byte order mark"));
  CHECK(why_no_password("a\nb") == "has several lines: a password is one");
  for (const std::string_view text : {"a\0"sv, "\tb"sv, "a\rb"sv, "a\x7f"sv, "\x1b[A"sv}) {
    CHECK(why_no_password(text).starts_with("holds a NUL or another control character"));
  }
}

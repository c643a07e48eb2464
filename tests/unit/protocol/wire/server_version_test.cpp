#include "protocol/wire/server_version.hpp"

#include <doctest/doctest.h>

using namespace sluice::wire;

TEST_CASE("server version: flavour and number") {
  struct Case {
    const char* text;
    ServerVersion expected;
  };
  for (const auto& sample :
       {Case{"9.7.4-2", {Flavour::mysql, {9, 7, 4}}},
        Case{"5.6.24-log", {Flavour::mysql, {5, 6, 24}}},
        Case{"8.0.43", {Flavour::mysql, {8, 0, 43}}},
        Case{"5.5.5-10.11.19-MariaDB-0+deb12u1-log", {Flavour::mariadb, {10, 11, 19}}},
        Case{"11.8.6-MariaDB-0+deb13u1 from Debian-log", {Flavour::mariadb, {11, 8, 6}}},
        Case{"5.5.68-MariaDB", {Flavour::mariadb, {5, 5, 68}}},
        Case{"5.5.5-m3", {Flavour::mysql, {5, 5, 5}}}}) {
    const auto& text = sample.text;
    const auto& expected = sample.expected;
    CAPTURE(text);
    const auto version = parse_server_version(text);
    REQUIRE(version);
    CHECK(*version == expected);
  }
}

TEST_CASE("server version: what is none") {
  for (const auto* text : {"", "9", "9.7", "9.7.", "x.7.4", "9..4", "-9.7.4", "99999.1.1",
                           "5.5.5-MariaDB", " 9.7.4"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_server_version(text));
  }
}

TEST_CASE("server version: comparison") {
  const auto version = *parse_server_version("8.0.26");
  CHECK(version.at_least(8, 0, 26));
  CHECK(version.at_least(5, 7));
  CHECK_FALSE(version.at_least(8, 0, 27));
  CHECK_FALSE(version.at_least(8, 4));
}

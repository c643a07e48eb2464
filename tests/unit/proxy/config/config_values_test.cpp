#include "proxy/config/config_values.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

TEST_CASE("durations") {
  struct Case {
    std::string_view text;
    std::optional<Duration> expected;
  };
  for (const auto& [text, expected] : {
           Case{"500ms", 500ms},
           Case{"10s", 10s},
           Case{"5m", 5min},
           Case{"2h", 2h},
           Case{"0s", 0s},
           Case{"", {}},
           Case{"10", {}},
           Case{"s", {}},
           Case{"10 s", {}},
           Case{"-1s", {}},
           Case{"1.5s", {}},
           Case{"10S", {}},
           Case{"10sec", {}},
           Case{"99999999999h", {}},
       }) {
    CAPTURE(text);
    const auto parsed = parse_duration(text);
    REQUIRE(parsed.has_value() == expected.has_value());
    if (expected) CHECK(*parsed == *expected);
  }
}

TEST_CASE("sizes") {
  CHECK(*parse_size("0KiB") == 0);
  CHECK(*parse_size("512KiB") == 524288);
  CHECK(*parse_size("3MiB") == 3145728);
  CHECK(*parse_size("4GiB") == 4294967296);
  CHECK(*parse_size("4294967295GiB") == 4294967295ULL << 30);
  for (const auto* text : {"", "1", "GiB", "1GB", "1gib", " 1GiB", "1GiB ", "-1GiB", "1.5GiB",
                           "4294967296GiB", "1 GiB"}) {
    const auto parsed = parse_size(text);
    REQUIRE(!parsed);
    CHECK(parsed.error().why ==
          "'" + std::string(text) + "' is not a size such as '512KiB', '64MiB' or '1GiB'");
  }
}

TEST_CASE("durations as text") {
  CHECK(to_text(0ms) == "0s");
  CHECK(to_text(1500ms) == "1500ms");
  CHECK(to_text(90s) == "90s");
  CHECK(to_text(2min) == "2m");
  CHECK(to_text(1h) == "1h");
}

TEST_CASE("public addresses") {
  struct Case {
    std::string_view text;
    PublicAddress expected;
  };
  for (const auto& [text, expected] : {
           Case{"sluice.example.com:3307", {"sluice.example.com", 3307}},
           Case{"sluice.example.com", {"sluice.example.com", 3306}},
           Case{"203.0.113.7", {"203.0.113.7", 3306}},
           Case{"203.0.113.7:1", {"203.0.113.7", 1}},
           Case{"[2001:db8::1]:65535", {"2001:db8::1", 65535}},
           Case{"[2001:db8::1]", {"2001:db8::1", 3306}},
           Case{"2001:db8::1", {"2001:db8::1", 3306}},
       }) {
    CAPTURE(text);
    const auto parsed = parse_public_address(text);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == expected);
    CHECK(*parse_public_address(to_text(*parsed)) == expected);
  }
  for (const std::string_view text : {"", ":", ":3306", "a b", "a:", "a:0", "a:65536", "a:b:1",
                                      "[a]:1", "[::1", "[::1]x", "[]:1", "mysql://a", "[", "]"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_public_address(text).has_value());
  }
}

TEST_CASE("addresses to listen on") {
  struct Case {
    std::string_view text;
    ListenAddress expected;
  };
  for (const auto& [text, expected] : {
           Case{"0.0.0.0:3306", {"0.0.0.0", 3306}},
           Case{"127.0.0.1:1", {"127.0.0.1", 1}},
           Case{"[::]:3306", {"::", 3306}},
           Case{"[2001:db8::1]:65535", {"2001:db8::1", 65535}},
       }) {
    CAPTURE(text);
    const auto parsed = parse_listen_address(text);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == expected);
  }
  for (const std::string_view text : {"",
                                      ":",
                                      "3306",
                                      ":3306",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "127.0.0.1:0",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1:+1",
                                      "127.0.0.1:33o6",
                                      "127.0.0:3306",
                                      "localhost:3306",
                                      "::1:3306",
                                      "[::1]",
                                      "[::1]3306",
                                      "[127.0.0.1]:3306",
                                      "[]:3306",
                                      "[::ffff:127.0.0.1]:3306",
                                      "[fe80::1]:3306",
                                      "[:3306",
                                      "*:3306"}) {
    CAPTURE(text);
    CHECK(!parse_listen_address(text).has_value());
  }
  CHECK(*parse_listen_address("[0:0::1]:1") == *parse_listen_address("[::1]:1"));
}

TEST_CASE("addresses that exclude each other") {
  const auto both = [](std::string_view a, std::string_view b) {
    return overlap(*parse_listen_address(a), *parse_listen_address(b));
  };
  CHECK(both("127.0.0.1:1", "127.0.0.1:1"));
  CHECK(both("0.0.0.0:1", "127.0.0.1:1"));
  CHECK(both("[::1]:1", "[0::1]:1"));
  CHECK(both("[::1]:1", "[0::0]:1"));
  CHECK(!both("127.0.0.1:1", "127.0.0.1:2"));
  CHECK(!both("127.0.0.1:1", "127.0.0.2:1"));
  CHECK(!both("0.0.0.0:1", "[::]:1"));
}

TEST_CASE("addresses of this machine alone") {
  for (const std::string_view text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) {
    CHECK_MESSAGE(is_loopback(*parse_listen_address(text)), text);
  }
  for (const std::string_view text : {"0.0.0.0:1", "[::]:1", "12.7.0.1:1", "[::12]:1"}) {
    CHECK_MESSAGE(!is_loopback(*parse_listen_address(text)), text);
  }
}

TEST_CASE("hosts") {
  for (const std::string_view text :
       {"db", "db-1.example.com", "10.0.0.5", "2001:db8::1", "my_db", "localhost"}) {
    CAPTURE(text);
    REQUIRE(parse_host(text).has_value());
    CHECK(*parse_host(text) == text);
  }
  for (const std::string_view text :
       {"", "db:3306", "[::1]", "a b", "a\n", "/run/mysqld.sock", "db/x"}) {
    CAPTURE(text);
    CHECK(!parse_host(text).has_value());
  }
}

}  // namespace
}  // namespace sluice::proxy

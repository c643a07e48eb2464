#include "proxy/check/printer.hpp"

#include "proxy/check/configuration.hpp"
#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

namespace {

const Report report{{"", "configuration", {{"valid", State::ok, "sluice.toml", {}, "conf"}}},
                    {"orders",
                     "binlog",
                     {{"log_bin", State::fail, "OFF", {"log_bin = binlog"}, "manual"},
                      {"gtid_mode", State::skip, "no \x1b[31m \"such\"", {}, {}},
                      {"binlog_format", State::warn, "MIXED", {"SET 1;", "SET 2;"}, {}}}},
                    {"orders", "empty", {}}};

}  // namespace

TEST_CASE("check printer: text") {
  CHECK(as_text(report, false) ==
        "configuration\n"
        "  ok    valid  sluice.toml\n"
        "\n"
        "relay orders: binlog\n"
        "  FAIL  log_bin        OFF\n"
        "            log_bin = binlog\n"
        "        (manual)\n"
        "  skip  gtid_mode      no \\x1b[31m \"such\"\n"
        "  warn  binlog_format  MIXED\n"
        "            SET 1;\n"
        "            SET 2;\n"
        "\n"
        "1 ok, 1 warn, 1 FAIL, 1 skip\n");
}

TEST_CASE("check printer: what is said already, and what says nothing, is left out") {
  const Report twice{{"",
                      "schemas",
                      {{"tables", State::skip, "no", {"CREATE USER", "GRANT"}, "Sluice"},
                       {"events", State::warn, "no", {"CREATE USER", "GRANT"}, "Sluice"}}}};
  CHECK(as_text(twice, false) ==
        "schemas\n"
        "  skip  tables  no\n"
        "            CREATE USER\n"
        "            GRANT\n"
        "  warn  events  no\n"
        "            # as for tables\n"
        "\n"
        "0 ok, 1 warn, 0 FAIL, 1 skip\n");
}

TEST_CASE("check printer: colour") {
  const std::string text = as_text(report, true);
  CHECK(contains(text, "\x1b[1;31mFAIL\x1b[0m"));
  CHECK(contains(text, "\x1b[32mok\x1b[0m"));
  CHECK_FALSE(contains(text, "no \x1b[31m"));
}

TEST_CASE("check printer: JSON") {
  const Report one{{"orders", "binlog", {{"log_bin", State::fail, "O\"FF", {"a", "b"}, "manual"}}}};
  CHECK(
      as_json(one) ==
      "{\"summary\": {\"ok\": 0, \"warn\": 0, \"FAIL\": 1, \"skip\": 0}, \"requirements\": [\n"
      "{\"relay\": \"orders\", \"subject\": \"binlog\", \"name\": \"log_bin\", \"state\": "
      "\"FAIL\", \"reason\": \"O\\\"FF\", \"remedy\": [\"a\", \"b\"], \"source\": \"manual\"}]}\n");
  CHECK(contains(as_json({}), "\"requirements\": []"));
}

TEST_CASE("check configuration: errors and warnings") {
  const auto errors = judge_errors({{"/etc/s.toml", 3, 5, "relay.name", "is missing"}});
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].state == State::fail);
  CHECK(errors[0].reason == "/etc/s.toml:3:5: relay.name: is missing");

  CHECK(named(judge_warnings("s.toml", {}, {}), "file modes").state == State::ok);
  const auto warned = judge_warnings(
      "s.toml",
      {{"s.toml", 1, 1, "k", "everybody on this machine may read '/a $b's' (chmod o-r helps)",
        "/a $b's"},
       {"s.toml", 2, 1, "k", "everybody on this machine may read this file (chmod o-r)", "s.toml"},
       {"s.toml", 3, 1, "k", "is empty"}},
      {"/k e"});
  REQUIRE(warned.size() == 5);
  CHECK(warned[1].remedy[0] == "chmod o-r '/a $b'\\''s'");
  CHECK(warned[2].remedy[0] == "chmod o-r s.toml");
  CHECK(warned[3].name == "advice");
  CHECK(warned[4].name == "file modes");
  CHECK(warned[4].state == State::warn);
  CHECK(warned[4].reason == "root alone may read /k e, and the service runs as sluice");
  CHECK(warned[4].remedy[0] == "chgrp sluice '/k e' && chmod 640 '/k e'");
}

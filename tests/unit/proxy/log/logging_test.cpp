#include "proxy/log/logging.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>

#include "unit/proxy/log/log_capture.hpp"

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;
using test::LogCapture;

TEST_CASE("a line of text") {
  LogCapture log(LogFormat::text);
  log::info("session authenticated", {{"relay", "orders"}, {"session", 7}, {"user", "azure"}});
  CHECK(log.lines() ==
        std::vector<std::string>{"info session authenticated relay=orders session=7 user=azure"});
}

TEST_CASE("a line of JSON") {
  LogCapture log(LogFormat::json);
  log::warn("session ended", {{"reason", "he said \"no\""}, {"bytes", 12u}, {"clean", false}});
  CHECK(log.lines() ==
        std::vector<std::string>{R"("level":"warn","event":"session ended",)"
                                 R"("reason":"he said \"no\"","bytes":12,"clean":false})"});
}

TEST_CASE("the time comes first") {
  LogCapture text(LogFormat::text);
  log::info("x");
  CHECK(std::regex_match(text.raw(),
                         std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info x\n)")));
  LogCapture json(LogFormat::json);
  log::info("x");
  CHECK(std::regex_match(
      json.raw(),
      std::regex(
          R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"info","event":"x"\}\n)")));
}

TEST_CASE("values from a peer cannot forge a line") {
  struct Case {
    std::string value;
    std::string text;
    std::string json;
  };
  const Case cases[] = {
      {"plain-1.2:3/4", "plain-1.2:3/4", R"("plain-1.2:3/4")"},
      {"", R"("")", R"("")"},
      {"a b", R"("a b")", R"("a b")"},
      {"user=root", R"("user=root")", R"("user=root")"},
      {"a\nb", R"("a\x0ab")", R"("a\\x0ab")"},
      {"\x1b[2J", R"("\x1b[2J")", R"("\\x1b[2J")"},
      {"\"\\", R"("\"\\")", R"("\"\\")"},
      {std::string("\0\x7f\xff", 3), R"("\x00\x7f\xff")", R"("\\x00\\x7f\\xff")"},
      {"\xe2\x80\xae", R"("\xe2\x80\xae")", R"("\\xe2\\x80\\xae")"},
  };
  for (const auto& [value, text, json] : cases) {
    CAPTURE(text);
    std::string out;
    log::Value(value).append_text(out);
    CHECK(out == text);
    out.clear();
    log::Value(value).append_json(out);
    CHECK(out == json);
  }
}

TEST_CASE("long values are cut") {
  const std::string longest(log::max_text, 'x');
  std::string out;
  log::Value(longest).append_text(out);
  CHECK(out == longest);
  out.clear();
  log::Value(longest + "y").append_text(out);
  CHECK(out == '"' + longest + "...\"");
}

TEST_CASE("numbers and times") {
  LogCapture log(LogFormat::text);
  log::info("x", {{"a", std::uint64_t{18446744073709551615u}},
                  {"b", std::int8_t{-5}},
                  {"c", 1034ms},
                  {"d", -50ms},
                  {"e", 2min},
                  {"f", true}});
  CHECK(log.lines() == std::vector<std::string>{
                           "info x a=18446744073709551615 b=-5 c=1.034 d=-0.050 e=120.000 f=true"});
}

TEST_CASE("levels") {
  LogCapture log(LogFormat::text, LogLevel::warn);
  log::trace("a");
  log::debug("b");
  log::info("c");
  log::warn("d");
  log::error("e");
  CHECK(log.lines() == std::vector<std::string>{"warn d", "error e"});
  CHECK(!log::enabled(LogLevel::info));
  CHECK(log::enabled(LogLevel::warn));
  log::set_level(LogLevel::trace);
  log::trace("f");
  CHECK(log.lines().back() == "trace f");
}

TEST_CASE("a context stands in front of the fields") {
  LogCapture log(LogFormat::text);
  log::Context session({{"relay", "orders"}, {"session", 7}});
  session.info("accepted");
  session.add({{"user", "azure"}});
  session.warn("session ended", {{"reason", "the replica left"}});
  CHECK(log.lines() ==
        std::vector<std::string>{"info accepted relay=orders session=7",
                                 "warn session ended relay=orders session=7 user=azure "
                                 "reason=\"the replica left\""});
}

}  // namespace
}  // namespace sluice::proxy

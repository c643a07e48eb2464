#include "proxy/admin/refusals.hpp"

#include <doctest/doctest.h>

#include "unit/proxy/log/log_capture.hpp"

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a crowd that is refused gets a line a second, with how many are left out") {
  const test::LogCapture log;
  proxy::admin::Refusals refusals;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    refusals.note("127.0.0.1:" + std::to_string(40000 + i), "a wrong token", start + i * 1ms);
  }
  refusals.note("127.0.0.1:50000", "a foreign page", start + 1s);
  const auto lines = log.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with(
      "admin request refused peer=127.0.0.1:40000 reason=\"a wrong token\" left_out=0"));
  CHECK(lines[1].ends_with(
      "admin request refused peer=127.0.0.1:50000 reason=\"a foreign page\" left_out=999"));
}

#include "proxy/server/master_probe.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy;
using namespace std::chrono_literals;

TEST_CASE("a master that is not reached is looked at less and less often") {
  using Stage = MasterFailure::Stage;
  const auto waits = [](Stage failed) {
    std::vector<Duration> seen{wait_after(failed, Duration())};
    while (seen.size() < 9) seen.push_back(wait_after(failed, seen.back()));
    return seen;
  };
  const std::vector<Duration> usual{500ms, 1s, 2s, 4s, 8s, 10s, 10s, 10s, 10s};
  for (const auto failed : {Stage::lookup, Stage::connect, Stage::login}) {
    CHECK(waits(failed) == usual);
  }
  // Each of these counts for max_connect_errors, and the master lets nobody in behind it.
  CHECK(waits(Stage::tls) == std::vector<Duration>{500ms, 1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s});
  CHECK(wait_after(Stage::connect, 60s) == 10s);
}

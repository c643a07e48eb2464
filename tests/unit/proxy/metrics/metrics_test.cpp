#include "proxy/metrics/metrics.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy;

TEST_CASE("how far behind nobody is, is not a number") {
  Metrics metrics;
  const auto relay = metrics.of_relay("r");
  relay->set_behind(std::chrono::seconds(7));
  CHECK(metrics.text().find("\nsluice_seconds_behind{relay=\"r\"} 7\n") != std::string::npos);
  relay->set_behind(std::nullopt);
  CHECK(metrics.text().find("\nsluice_seconds_behind{relay=\"r\"} Nan\n") != std::string::npos);
}

TEST_CASE("refused dumps are counted from 0 on, by reason") {
  Metrics metrics;
  const auto relay = metrics.of_relay("r");
  relay->appear();
  relay->dump_refused(DumpRefusal::fatal);
  const std::string text = metrics.text();
  const auto count = [&](const std::string& reason) {
    const std::string series =
        "\nsluice_dumps_refused_by_master_total{reason=\"" + reason + "\",relay=\"r\"} ";
    const auto at = text.find(series);
    REQUIRE(at != std::string::npos);
    return text.substr(at + series.size(), 2);
  };
  CHECK(count("fatal") == "1\n");
  for (const char* const reason : {"same_id", "came_back", "other"}) CHECK(count(reason) == "0\n");
}

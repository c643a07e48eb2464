#include "proxy/tls/soon_over.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "unit/test_data.hpp"

using namespace sluice;

TEST_CASE("the alerts warn of a certificate when the program does") {
  std::ifstream file(test::conf("alerts.yml"));
  const std::string alerts{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string limit =
      "() < " + std::to_string(proxy::soon_over / proxy::seconds_of_day) + " * 86400";
  for (const std::string metric : {"sluice_certificate", "sluice_admin_certificate"}) {
    CHECK(alerts.find(metric + "_expiry_timestamp_seconds - time" + limit) != std::string::npos);
  }
}

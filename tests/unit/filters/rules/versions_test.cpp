#include "filters/rules/versions.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using filters::is_same_series;
using filters::is_supported_master;

TEST_CASE("masters from MySQL 5.6 and MariaDB 10.0 on are supported") {
  const auto supported = [](const char* version) {
    return is_supported_master(*wire::parse_server_version(version));
  };
  CHECK(supported("5.6.24-log"));
  CHECK(supported("9.7.4-2"));
  CHECK(supported("5.5.5-10.11.19-MariaDB-log"));
  CHECK(supported("11.8.6-MariaDB-0+deb13u1 from Debian"));
  CHECK_FALSE(supported("5.5.62-log"));
  CHECK_FALSE(supported("5.5.68-MariaDB"));
}

TEST_CASE("a replica is of the same series when major and minor number agree") {
  const auto master = *wire::parse_server_version("8.0.43");
  CHECK(is_same_series(master, "8.0.28") == true);
  CHECK(is_same_series(master, "8.4.0") == false);
  CHECK(is_same_series(master, "5.7.36") == false);
  CHECK_FALSE(is_same_series(master, ""));
  CHECK_FALSE(is_same_series(master, "unknown"));
}

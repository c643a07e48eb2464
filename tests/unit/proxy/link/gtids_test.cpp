#include "proxy/link/gtids.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy::link;

TEST_CASE("link: what a replica of MariaDB lacks of what has been purged") {
  CHECK(lacking("0-1-7", "").empty());
  CHECK(lacking("0-1-7", "0-1-7").empty());
  CHECK(lacking("0-1-7,3-1-1", "0-1-6").empty());
  CHECK(lacking("0-1-7", "0-1-8") == "0-1-8");
  CHECK(lacking("", "0-1-8,1-2-3") == "0-1-8,1-2-3");
  CHECK(lacking("0-1-9", "0-1-8,1-2-3") == "1-2-3");
  // Of another server, whose numbers are its own.
  CHECK(lacking("0-2-7", "0-1-8").empty());
}

TEST_CASE("link: where a master that is MariaDB has not got to") {
  CHECK(not_reached("", "0-1-7", "").empty());
  CHECK(not_reached("0-1-7", "0-1-7", "").empty());
  CHECK(not_reached("0-1-3", "0-1-7", "").empty());
  CHECK(not_reached("0-1-8", "0-1-7", "") == "0-1-8");
  CHECK(not_reached("0-1-18446744073709551615", "0-1-7", "") == "0-1-18446744073709551615");
  // Servers that have written into one domain, one after the other.
  CHECK(not_reached("0-1-5", "0-1-6,0-2-9", "").empty());
  CHECK(not_reached("0-1-7", "0-1-6,0-2-9", "") == "0-1-7");
  CHECK(not_reached("0-3-5", "0-1-6,0-2-9", "") == "0-3-5");
  // A domain of another master.
  CHECK(not_reached("0-1-7,5-9-99", "0-1-7", "").empty());
  CHECK(not_reached("0-1-8,5-9-99,1-1-3", "0-1-7,1-1-2", "") == "0-1-8,1-1-3");
  // What the master has applied as a replica, and not written.
  CHECK(not_reached("0-2-30", "0-1-7", "0-2-30,1-1-1").empty());
  CHECK(not_reached("0-2-29", "0-1-7", "0-2-30") == "0-2-29");
  CHECK(not_reached("0-1-7", "", "").empty());
}

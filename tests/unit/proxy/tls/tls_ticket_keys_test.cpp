#include "proxy/tls/tls_ticket_keys.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy;
using namespace std::chrono_literals;

TEST_CASE("the key of TLS tickets is another one each hour, and forgotten with its last ticket") {
  TicketKeys keys;
  const TicketKeys::Clock::time_point start{};
  const auto first = keys.newest(start);
  REQUIRE(first);
  CHECK(keys.newest(start + 59min)->name == first->name);
  const auto second = keys.newest(start + 60min);
  REQUIRE(second);
  CHECK(second->name != first->name);
  CHECK(second->cipher != first->cipher);
  CHECK(second->mac != first->mac);
  CHECK(keys.newest(start + 61min)->name == second->name);

  const auto late = keys.find(first->name, start + 179min);
  REQUIRE(late);
  CHECK(late->cipher == first->cipher);
  CHECK(late->mac == first->mac);
  CHECK_FALSE(keys.find(first->name, start + 180min));
  CHECK(keys.find(second->name, start + 180min));
  CHECK_FALSE(keys.find(second->name, start + 240min));
}

TEST_CASE("no other relay has the key of a TLS ticket") {
  TicketKeys one, other;
  const TicketKeys::Clock::time_point start{};
  CHECK_FALSE(other.find(one.newest(start)->name, start));
}

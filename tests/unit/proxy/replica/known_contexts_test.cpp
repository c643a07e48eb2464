#include "proxy/replica/known_contexts.hpp"

#include <doctest/doctest.h>

using sluice::filters::GroupState;
using sluice::proxy::KnownContexts;

namespace {

KnownContexts::Place place(std::uint64_t position, std::string file = "binlog.000001",
                           const char* address = "192.0.2.1") {
  return {{boost::asio::ip::make_address(address), 3306}, {std::move(file), position}};
}

GroupState state(bool has_savepoints) {
  GroupState made;
  made.phase = GroupState::Phase::in_transaction;
  made.has_savepoints = has_savepoints;
  return made;
}

}  // namespace

TEST_CASE("what was read before a position is there for who comes back to it, once") {
  KnownContexts contexts;
  contexts.keep(place(1000), state(true));
  contexts.keep(place(2000), state(false));
  CHECK_FALSE(contexts.take(place(1001)));
  CHECK_FALSE(contexts.take(place(1000, "binlog.000002")));
  CHECK_FALSE(contexts.take(place(1000, "binlog.000001", "192.0.2.2")));
  const auto taken = contexts.take(place(1000));
  REQUIRE(taken);
  CHECK(taken->has_savepoints);
  CHECK(taken->phase == GroupState::Phase::in_transaction);
  CHECK_FALSE(contexts.take(place(1000)));
  CHECK(contexts.take(place(2000)));
}

TEST_CASE(
    "what was read before a position is forgotten after some minutes, and of many the oldest") {
  KnownContexts contexts;
  const auto begin = KnownContexts::Clock::time_point();
  contexts.keep(place(1), state(true), begin);
  contexts.keep(place(2), state(true), begin);
  CHECK(contexts.take(place(1), begin + KnownContexts::good_for));
  CHECK_FALSE(
      contexts.take(place(2), begin + KnownContexts::good_for + std::chrono::milliseconds(1)));

  for (std::uint64_t i = 0; i <= KnownContexts::most; ++i) {
    contexts.keep(place(100 + i), state(true), begin);
  }
  CHECK_FALSE(contexts.take(place(100), begin));
  CHECK(contexts.take(place(101), begin));
}

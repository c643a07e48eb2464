#include "proxy/replica/login_places.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "proxy/log/once_per_second.hpp"

using namespace sluice::proxy;

namespace {

struct Crowd {
  LoginPlaces places;
  std::vector<int> dropped;

  LoginPlaces::Clock::time_point now{std::chrono::hours(1)};

  LoginPlaces::Place come(const char* host, int who) {
    return places.take(
        host, 4, [this, who] { dropped.push_back(who); }, now);
  }
};

}  // namespace

TEST_CASE("login places: a place is given back when its last copy goes") {
  Crowd crowd;
  std::vector<LoginPlaces::Place> held;
  for (int i = 0; i < 4; ++i) held.push_back(crowd.come("a", i));
  CHECK_FALSE(crowd.come("a", 4));
  held.pop_back();
  CHECK(crowd.come("a", 5));  // and goes at once
  CHECK(crowd.come("b", 6));
  CHECK(crowd.dropped.empty());
}

TEST_CASE("login places: whose address holds many gives up its oldest for others") {
  Crowd crowd;
  std::vector<LoginPlaces::Place> flood;
  for (int i = 0; i < 4; ++i) flood.push_back(crowd.come("a", i));
  auto first = crowd.come("b", 10);
  CHECK(first);
  CHECK(crowd.dropped == std::vector{0});
  auto second = crowd.come("c", 11);
  CHECK(second);
  CHECK(crowd.dropped == std::vector{0, 1});
  CHECK_FALSE(crowd.come("a", 4));   // who floods has what there is
  CHECK_FALSE(crowd.come("b", 12));  // two and one: they would drive each other out
  auto third = crowd.come("d", 13);
  CHECK(third);
  CHECK(crowd.dropped == std::vector{0, 1, 2});
  CHECK_FALSE(crowd.come("e", 14));  // one each
  // What was given up is not given back once more.
  flood.clear();
  CHECK(crowd.come("a", 5));
  second.reset();
  third.reset();
  std::vector<LoginPlaces::Place> again;
  for (int i = 0; i < 3; ++i) again.push_back(crowd.come("f", 20 + i));
  for (const auto& place : again) CHECK(place);
  CHECK_FALSE(crowd.come("f", 23));
}

TEST_CASE("login places: of many addresses, whoever has taken long gives up his") {
  Crowd crowd;
  std::vector<LoginPlaces::Place> flood;
  for (const char* host : {"a", "b", "c", "d"}) {
    flood.push_back(crowd.come(host, static_cast<int>(flood.size())));
    crowd.now += std::chrono::milliseconds(500);
  }
  crowd.now += std::chrono::milliseconds(-1);
  CHECK_FALSE(crowd.come("e", 4));  // nobody has taken long
  crowd.now += std::chrono::milliseconds(1);
  auto first = crowd.come("e", 5);
  CHECK(first);
  CHECK(crowd.dropped == std::vector{0});
  CHECK_FALSE(crowd.come("f", 6));
  crowd.now += std::chrono::milliseconds(500);
  auto second = crowd.come("a", 7);
  CHECK(second);
  CHECK(crowd.dropped == std::vector{0, 1});
  flood.clear();
  CHECK(crowd.come("g", 8));
  CHECK(crowd.dropped.size() == 2);
}

TEST_CASE("once per second: what is left out is counted") {
  log::OncePerSecond line;
  const log::OncePerSecond::Clock::time_point start{std::chrono::hours(1)};
  CHECK(line.admit(start) == 0);
  CHECK_FALSE(line.admit(start + std::chrono::milliseconds(1)));
  CHECK_FALSE(line.admit(start + std::chrono::milliseconds(999)));
  CHECK(line.admit(start + std::chrono::seconds(1)) == 2);
  CHECK(line.admit(start + std::chrono::seconds(3)) == 0);
}

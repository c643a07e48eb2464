#include "proxy/admin/strangers.hpp"

#include <doctest/doctest.h>

#include <vector>

using sluice::proxy::admin::Strangers;

namespace {

/// Those that are there, and the numbers of those that were dropped.
struct Crowd {
  Strangers strangers;
  std::vector<Strangers::Stranger> there;
  std::vector<int> dropped;

  void come(const std::string& network) {
    const int number = static_cast<int>(there.size());
    there.push_back(strangers.add(network, [this, number] { dropped.push_back(number); }));
  }
};

}  // namespace

TEST_CASE("strangers: who floods makes room for others, and for himself") {
  Crowd crowd;
  crowd.come("probe");
  for (int i = 0; i < 4; ++i) crowd.come("flood");
  CHECK(crowd.strangers.make_room_for("probe"));
  CHECK(crowd.dropped == std::vector{1});
  CHECK(crowd.strangers.make_room_for("another"));
  CHECK(crowd.dropped == std::vector{1, 2});
  // Two are left of it.
  CHECK(crowd.strangers.make_room_for("flood"));
  CHECK(crowd.strangers.make_room_for("flood"));
  CHECK(crowd.dropped == std::vector{1, 2, 3, 4});
}

TEST_CASE("strangers: where nobody has many the oldest goes, and none twice") {
  Crowd crowd;
  for (const auto* network : {"a", "b", "a"}) crowd.come(network);
  CHECK(crowd.strangers.make_room_for("c"));
  CHECK(crowd.strangers.make_room_for("b"));
  crowd.there.erase(crowd.there.begin() + 2);
  CHECK_FALSE(crowd.strangers.make_room_for("b"));
  CHECK(crowd.dropped == std::vector{0, 1});
}

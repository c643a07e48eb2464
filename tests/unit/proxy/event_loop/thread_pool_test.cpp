#include "proxy/event_loop/thread_pool.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

namespace sluice::proxy {
namespace {

using Placed = std::pair<const boost::asio::io_context*, std::shared_ptr<const void>>;

Placed place(ThreadPool& pool) {
  const auto [context, share] = pool.next();
  return {&context, share};
}

TEST_CASE("threads are dealt out in turn while all have as much to do") {
  ThreadPool pool(3);
  std::vector<Placed> placed;
  for (int i = 0; i < 6; ++i) placed.push_back(place(pool));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(placed[i].first == placed[i + 3].first);
    CHECK(placed[i].first != placed[(i + 1) % 3].first);
  }
}

TEST_CASE("what lasts is spread over the threads, whatever comes and goes between") {
  ThreadPool pool(2);
  const auto is_first = [&](const Placed& one) { return one.first == &pool.first(); };
  std::vector<Placed> replicas;
  for (int i = 0; i < 8; ++i) {
    const Placed passer_by = place(pool);  // such as a load balancer that looks at the port
    replicas.push_back(place(pool));
  }
  CHECK(std::abs(std::ranges::count_if(replicas, is_first) - 4) <= 1);
  // Those of one thread go: it has the next ones.
  std::erase_if(replicas, is_first);
  for (std::size_t others = replicas.size(); others > 0; --others) {
    replicas.push_back(place(pool));
    CHECK(is_first(replicas.back()));
  }
}

}  // namespace
}  // namespace sluice::proxy

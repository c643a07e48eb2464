#include "proxy/metrics/timings.hpp"

#include <doctest/doctest.h>

namespace sluice::proxy {
namespace {

constexpr Timings::Boundaries buckets{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST_CASE("timings: each is in the bucket that a histogram has for it, once") {
  Timings timings(buckets);
  prometheus::Histogram histogram({buckets.begin(), buckets.end()});
  prometheus::Histogram direct({buckets.begin(), buckets.end()});
  for (const double seconds : {0.0, 0.5, 1.0, 1.5, 16.0, 16.5, 100.0}) {
    timings.add(Timings::Seconds(seconds));
    direct.Observe(seconds);
  }
  for (int i = 0; i < 2; ++i) {  // the second time there is nothing more
    timings.move_to(histogram);
    const auto found = histogram.Collect().histogram;
    const auto expected = direct.Collect().histogram;
    CHECK(found.sample_count == 7);
    CHECK(found.sample_sum == doctest::Approx(expected.sample_sum));
    REQUIRE(found.bucket.size() == expected.bucket.size());
    for (std::size_t bucket = 0; bucket < found.bucket.size(); ++bucket) {
      CHECK(found.bucket[bucket].cumulative_count == expected.bucket[bucket].cumulative_count);
    }
  }
}

}  // namespace
}  // namespace sluice::proxy

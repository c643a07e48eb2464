// Durations that are counted on the way of the data, where there are no locks.
#pragma once

#include <prometheus/histogram.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace sluice::proxy {

/// Holds them until whoever collects the metrics takes them over: a prometheus::Histogram locks
/// each time. For all threads.
class Timings {
 public:
  using Seconds = std::chrono::duration<double>;
  /// The upper ends of the buckets, in seconds and ascending. One more is for what is longer.
  using Boundaries = std::array<double, 16>;

  explicit Timings(const Boundaries& boundaries) : boundaries_(boundaries) {}

  void add(Seconds duration) {
    const auto* bucket = std::ranges::lower_bound(boundaries_, duration.count());
    counts_[static_cast<std::size_t>(bucket - boundaries_.begin())].fetch_add(
        1, std::memory_order_relaxed);
    const auto exact = std::chrono::duration_cast<std::chrono::nanoseconds>(duration);
    nanoseconds_.fetch_add(exact.count(), std::memory_order_relaxed);
  }

  /// `histogram` has the same boundaries.
  void move_to(prometheus::Histogram& histogram) {
    std::vector<double> counts;
    counts.reserve(counts_.size());
    for (auto& count : counts_) {
      counts.push_back(static_cast<double>(count.exchange(0, std::memory_order_relaxed)));
    }
    const std::chrono::nanoseconds sum(nanoseconds_.exchange(0, std::memory_order_relaxed));
    histogram.ObserveMultiple(counts, Seconds(sum).count());
  }

 private:
  const Boundaries& boundaries_;
  std::array<std::atomic<std::uint64_t>, std::tuple_size_v<Boundaries> + 1> counts_{};
  std::atomic<std::int64_t> nanoseconds_ = 0;
};

}  // namespace sluice::proxy

// Between the sessions, which put in what is tapped, and the admin thread, which takes it out.
#pragma once

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "proxy/tap/tap_entry.hpp"

namespace sluice::proxy::tap {

/// Bounded: what does not fit is lost, and counted. For all threads.
class TapQueue {
 public:
  // With the pauses of TapFeed some 4,000 entries a second when there are more all the time: more
  // than anybody reads, and little beside what the relay does meanwhile.
  static constexpr std::size_t max_entries = 2048;
  static constexpr std::size_t max_bytes = std::size_t{4} << 20;

  /// Nothing will fit until somebody takes. Cheap.
  [[nodiscard]] bool is_full() const { return full_.load(std::memory_order_relaxed); }

  /// As many as fit, and empties the batch. `lost`: how many have been left out before.
  void put(std::vector<TapEntry>& batch, std::uint64_t lost) {
    const std::lock_guard lock(mutex_);
    lost_ += lost;
    for (auto& entry : batch) {
      const std::size_t cost = entry.cost();
      if (full_ || bytes_ + cost > max_bytes) {
        full_ = true;
        ++lost_;
        continue;
      }
      bytes_ += cost;
      entries_.push_back(std::move(entry));
      full_ = entries_.size() >= max_entries;
    }
    batch.clear();
  }

  struct Taken {
    std::vector<TapEntry> entries;
    std::uint64_t lost = 0;  ///< behind these
  };
  [[nodiscard]] Taken take() {
    Taken taken;
    taken.entries.reserve(max_entries);
    const std::lock_guard lock(mutex_);
    entries_.swap(taken.entries);
    taken.lost = std::exchange(lost_, 0);
    bytes_ = 0;
    full_ = false;
    return taken;
  }

 private:
  std::mutex mutex_;
  std::vector<TapEntry> entries_;
  std::size_t bytes_ = 0;
  std::uint64_t lost_ = 0;
  std::atomic<bool> full_ = false;
};

}  // namespace sluice::proxy::tap

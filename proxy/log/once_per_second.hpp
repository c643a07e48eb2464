// A line of the log that others can cause as often as they like: one a second is enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace sluice::proxy::log {

/// For all threads.
class OncePerSecond {
 public:
  using Clock = std::chrono::steady_clock;

  /// Whether a line may be written now: how many were left out since the last one. nullopt: leave
  /// it out.
  [[nodiscard]] std::optional<std::uint64_t> admit(Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (now < next_) {
      ++left_out_;
      return std::nullopt;
    }
    next_ = now + std::chrono::seconds(1);
    return std::exchange(left_out_, 0);
  }

 private:
  std::mutex mutex_;
  Clock::time_point next_;
  std::uint64_t left_out_ = 0;
};

}  // namespace sluice::proxy::log

// Whether the relays' threads still do what they are asked.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "proxy/event_loop/task.hpp"

namespace sluice::proxy::admin {

/// Used from one thread.
class ThreadWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Longer than anything that a thread does in one go.
  static constexpr std::chrono::seconds longest_wait{10};

  ThreadWatch() = default;
  explicit ThreadWatch(const std::vector<Executor>& threads);

  /// Posts a job to each thread that has run the one before.
  void look(Time now);
  /// How long the oldest job waits to be run.
  [[nodiscard]] std::chrono::steady_clock::duration waits(Time now) const;

 private:
  struct Thread {
    Executor executor;
    std::shared_ptr<std::atomic<bool>> has_run;
    Time asked;
  };
  std::vector<Thread> threads_;
};

}  // namespace sluice::proxy::admin

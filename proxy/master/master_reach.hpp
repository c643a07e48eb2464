// What was seen of the master when it was last tried.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "proxy/master/master_binlogs.hpp"
#include "proxy/master/master_failure.hpp"

namespace sluice::proxy {

struct MasterReach {
  enum class State { unknown, reached, lost };
  State state = State::unknown;
  std::string error;                             ///< why it was not reached
  std::shared_ptr<const MasterBinlogs> binlogs;  ///< null: it was not reached, or does not tell
  std::chrono::steady_clock::time_point seen = std::chrono::steady_clock::now();
  std::optional<MasterFailure::Stage> failed{};  ///< where it was not reached
};

/// What is known of it at a time: no more than that it was reached, if that is too long ago. A
/// probe takes up to `connect_timeout`, and there are four a minute.
[[nodiscard]] inline MasterReach as_of(std::chrono::steady_clock::time_point now, MasterReach reach,
                                       std::chrono::nanoseconds connect_timeout) {
  const auto age = now - reach.seen;
  if (reach.state != MasterReach::State::reached ||
      age <= std::chrono::minutes(1) + connect_timeout) {
    return reach;
  }
  reach.state = MasterReach::State::unknown;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  reach.error = "it was reached " + std::to_string(seconds) + " s ago, and not probed since";
  return reach;
}

/// For all threads.
class LastReach {
 public:
  [[nodiscard]] MasterReach get() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }
  void set(MasterReach reach) {
    const std::lock_guard lock(mutex_);
    last_ = std::move(reach);
  }

 private:
  mutable std::mutex mutex_;
  MasterReach last_;
};

}  // namespace sluice::proxy

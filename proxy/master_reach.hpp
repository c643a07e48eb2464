// Whether the master could be reached when it was last tried.
#pragma once

#include <mutex>
#include <string>

namespace sluice::proxy {

struct MasterReach {
  enum class State { unknown, reached, lost };
  State state = State::unknown;
  std::string error;  ///< why it was not reached
};

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

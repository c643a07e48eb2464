// What was seen of the master when it was last tried.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "proxy/master_binlogs.hpp"

namespace sluice::proxy {

struct MasterReach {
  enum class State { unknown, reached, lost };
  State state = State::unknown;
  std::string error;                             ///< why it was not reached
  std::shared_ptr<const MasterBinlogs> binlogs;  ///< null: it was not reached, or does not tell
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

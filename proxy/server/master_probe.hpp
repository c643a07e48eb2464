// Short connections to the master, at start and from time to time: what version it is, and whether
// Sluice can get at it at all.
#pragma once

#include <memory>

#include "proxy/replica/relay.hpp"

namespace sluice::proxy {

class MasterProbe : public std::enable_shared_from_this<MasterProbe> {
 public:
  MasterProbe(std::shared_ptr<Relay> relay, const Executor& executor)
      : relay_(std::move(relay)), timer_(executor) {}

  /// Runs until stop(). Logs when the master is reached, lost, or another version.
  [[nodiscard]] Task<void> run();
  /// On the executor's thread.
  void stop();

 private:
  Task<bool> look();
  void warn_of_hashes() const;

  std::shared_ptr<Relay> relay_;
  Timer timer_;
  Interrupt stopped_;
  bool reached_ = false;
  std::string last_error_;
};

}  // namespace sluice::proxy

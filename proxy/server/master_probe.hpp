// Short connections to the master, at start and from time to time: what version it is, and whether
// Sluice can get at it at all.
#pragma once

#include <memory>
#include <optional>

#include "proxy/master/master_failure.hpp"
#include "proxy/replica/relay.hpp"

namespace sluice::proxy {

/// How long to wait before the master is looked at again: longer with each look that fails, and
/// longest where the handshake failed. MySQL and MariaDB count those, and behind max_connect_errors
/// of them they refuse this host until somebody empties their host cache
/// (sql/auth/sql_authentication.cc, acl_authenticate, inc_host_errors).
/// @param before  the wait before this look; zero: the one before it has not failed
[[nodiscard]] Duration wait_after(MasterFailure::Stage failed, Duration before);

class MasterProbe : public std::enable_shared_from_this<MasterProbe> {
 public:
  MasterProbe(std::shared_ptr<Relay> relay, const Executor& executor)
      : relay_(std::move(relay)), timer_(executor) {}

  /// Runs until stop(). Logs when the master is reached, lost, or another version.
  [[nodiscard]] Task<void> run();
  /// On the executor's thread.
  void stop();

 private:
  /// Why it cannot be reached, or nothing.
  Task<std::optional<MasterFailure::Stage>> look();
  void warn_of_hashes() const;

  std::shared_ptr<Relay> relay_;
  Timer timer_;
  Interrupt stopped_;
  bool reached_ = false;
  std::string last_error_;
};

}  // namespace sluice::proxy

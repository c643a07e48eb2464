// Asks all sessions for their status, each on its own thread.
#pragma once

#include <memory>
#include <vector>

#include "proxy/network/connection.hpp"
#include "proxy/replica/session_registry.hpp"
#include "proxy/replica/session_status.hpp"

namespace sluice::proxy::admin {

/// Used from one thread. A session that has not answered is not asked again before it has.
class Gathering {
 public:
  struct Result {
    std::vector<SessionStatus> answers;
    std::vector<std::uint32_t> silent;  ///< ids of those whose threads have not answered yet
  };
  /// Waits `patience` at most. An answer that comes later is in the next result.
  [[nodiscard]] Task<Result> gather(const SessionRegistry& sessions, Duration patience);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace sluice::proxy::admin

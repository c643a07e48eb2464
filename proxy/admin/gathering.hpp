// Asks all sessions for their status, each on its own thread.
#pragma once

#include <vector>

#include "proxy/connection.hpp"
#include "proxy/session_registry.hpp"
#include "proxy/session_status.hpp"

namespace sluice::proxy::admin {

/// Waits `patience` at most; sessions whose threads have not answered by then are missing.
[[nodiscard]] Task<std::vector<SessionStatus>> gather(const SessionRegistry& sessions,
                                                      Duration patience);

}  // namespace sluice::proxy::admin

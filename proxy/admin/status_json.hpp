// What /api/v1/status, /healthz and /readyz say.
#pragma once

#include <string>

#include "proxy/admin/snapshot.hpp"
#include "proxy/admin/thread_watch.hpp"

namespace sluice::proxy::admin {

/// Relays and sessions. openapi.json describes it.
[[nodiscard]] std::string status_json(const Snapshot& snapshot);

/// Whether the program is alive, by how long one of its threads has not run what it was asked to.
[[nodiscard]] std::string alive_json(std::chrono::steady_clock::duration waits);

/// Each relay with the reach of its master, and whether all of it is ready. Without `details` only
/// the latter.
[[nodiscard]] std::string ready_json(const Snapshot& snapshot, bool details);

}  // namespace sluice::proxy::admin

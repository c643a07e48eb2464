// What /api/v1/status and /readyz say.
#pragma once

#include <string>

#include "proxy/admin/snapshot.hpp"

namespace sluice::proxy::admin {

/// Relays and sessions. openapi.json describes it.
[[nodiscard]] std::string status_json(const Snapshot& snapshot);

/// Each relay with the reach of its master, and whether all of it is ready. Without `details` only
/// the latter.
[[nodiscard]] std::string ready_json(const Snapshot& snapshot, bool details);

}  // namespace sluice::proxy::admin

// Which question gets which answer.
#pragma once

#include "proxy/admin/request.hpp"
#include "proxy/admin/snapshot.hpp"

namespace sluice::proxy::admin {

/// What the answers are made of. Used from the admin thread only.
struct Knowledge {
  AdminConfig config;
  Snapshot snapshot;
  std::vector<std::shared_ptr<Relay>> relays;
  std::shared_ptr<SessionRegistry> sessions;
  std::shared_ptr<Metrics> metrics;
};

/// Checks access, then answers.
[[nodiscard]] Response answer(const Request& request, const Knowledge& knowledge);

}  // namespace sluice::proxy::admin

// Which question gets which answer.
#pragma once

#include <variant>

#include "proxy/admin/feed.hpp"
#include "proxy/admin/open_sockets.hpp"
#include "proxy/admin/refusals.hpp"
#include "proxy/admin/request.hpp"
#include "proxy/admin/snapshot.hpp"
#include "proxy/admin/strangers.hpp"
#include "proxy/admin/thread_watch.hpp"

namespace sluice::proxy::admin {

/// What the answers are made of. Used from the admin thread only.
struct Knowledge {
  AdminConfig config;
  Snapshot snapshot;
  std::vector<std::shared_ptr<Relay>> relays;
  std::shared_ptr<SessionRegistry> sessions;
  std::shared_ptr<Metrics> metrics;
  ThreadWatch threads;
  std::shared_ptr<OpenSockets> sockets = std::make_shared<OpenSockets>();
  std::shared_ptr<Strangers> strangers = std::make_shared<Strangers>();
  std::shared_ptr<Refusals> refusals = std::make_shared<Refusals>();
};

/// Checks access, then answers.
[[nodiscard]] Response answer(const Request& request, const Knowledge& knowledge);

/// The same for a request that would become a WebSocket: the feed for it, or the refusal. The feed
/// must not outlive the knowledge.
[[nodiscard]] std::variant<Response, std::unique_ptr<Feed>> open_feed(const Request& request,
                                                                      const Knowledge& knowledge);

}  // namespace sluice::proxy::admin

#include "proxy/tap/subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace sluice::proxy::tap {

void Subscriptions::add(const std::shared_ptr<Subscription>& subscription) {
  const std::lock_guard lock(mutex_);
  const auto& filter = subscription->filter;
  entries_.push_back({subscription, filter.sessions, filter.next});
  if (filter.next) ++waiting_;
  ++version_;
}

void Subscriptions::remove(const Subscription& subscription) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& entry) {
    if (entry.subscription.get() != &subscription) return false;
    if (entry.waits) --waiting_;
    return true;
  });
  ++version_;
}

void Subscriptions::session_begins(std::uint32_t session) {
  if (waiting_ == 0) return;
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (!std::exchange(entry.waits, false)) continue;
    entry.sessions.push_back(session);
    --waiting_;
  }
}

void Subscriptions::session_was_none(std::uint32_t session) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (!entry.subscription->filter.next || std::erase(entry.sessions, session) == 0) continue;
    entry.waits = true;
    ++waiting_;
  }
}

std::vector<std::shared_ptr<Subscription>> Subscriptions::of_session(std::uint32_t session) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Subscription>> found;
  for (const Entry& entry : entries_) {
    const bool all = entry.sessions.empty() && !entry.waits;
    if (all || std::ranges::find(entry.sessions, session) != entry.sessions.end()) {
      found.push_back(entry.subscription);
    }
  }
  return found;
}

std::vector<std::uint32_t> Subscriptions::sessions_of(const Subscription& subscription) const {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.subscription.get() == &subscription) return entry.sessions;
  }
  return {};
}

}  // namespace sluice::proxy::tap

// The connections of replicas that are alive, of all relays, by the thread id that their greeting
// carried.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "proxy/tap/subscriptions.hpp"

namespace sluice::proxy {

class ReplicaSession;

/// For all threads.
class SessionRegistry {
 public:
  /// Hardly ever one that a session of the program before had: whoever comes back after a restart
  /// may want to KILL the connection that it had.
  [[nodiscard]] std::uint32_t next_thread_id() { return ++last_thread_id_; }

  void add(std::uint32_t thread_id, std::weak_ptr<ReplicaSession> session) {
    const std::lock_guard lock(mutex_);
    sessions_[thread_id].session = std::move(session);
  }
  /// Who may find it, once that is known.
  void set_owner(std::uint32_t thread_id, std::string owner) {
    const std::lock_guard lock(mutex_);
    if (const auto found = sessions_.find(thread_id); found != sessions_.end()) {
      found->second.owner = std::move(owner);
    }
  }
  void remove(std::uint32_t thread_id) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(thread_id);
  }
  struct Found {
    std::shared_ptr<ReplicaSession> session;  ///< null: there is none of that id
    std::string owner;
  };
  [[nodiscard]] Found find(std::uint64_t thread_id) const {
    Found result;  // as in all()
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(static_cast<std::uint32_t>(thread_id));
    if (thread_id > UINT32_MAX || found == sessions_.end()) return result;
    result.session = found->second.session.lock();
    result.owner = found->second.owner;
    return result;
  }
  /// Whether it is alive, without a hold of it.
  [[nodiscard]] bool contains(std::uint32_t thread_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(thread_id);
    return found != sessions_.end() && !found->second.session.expired();
  }
  [[nodiscard]] std::vector<std::shared_ptr<ReplicaSession>> all() const {
    // Outlives the lock: without memory it may be the last to hold a session, which removes itself.
    std::vector<std::shared_ptr<ReplicaSession>> result;
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : sessions_) {
      if (auto session = entry.session.lock()) result.push_back(std::move(session));
    }
    return result;
  }
  /// Who taps them.
  [[nodiscard]] const std::shared_ptr<tap::Subscriptions>& taps() const { return taps_; }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
  }

 private:
  struct Entry {
    std::weak_ptr<ReplicaSession> session;
    std::string owner;
  };

  const std::shared_ptr<tap::Subscriptions> taps_ = std::make_shared<tap::Subscriptions>();
  std::atomic<std::uint32_t> last_thread_id_{std::random_device()() % 1'000'000};
  mutable std::mutex mutex_;
  std::map<std::uint32_t, Entry> sessions_;
};

}  // namespace sluice::proxy

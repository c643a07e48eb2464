// The connections of replicas that are alive, by the thread id that their greeting carried.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace sluice::proxy {

class ReplicaSession;

/// For all threads.
class SessionRegistry {
 public:
  void add(std::uint32_t thread_id, std::weak_ptr<ReplicaSession> session) {
    const std::lock_guard lock(mutex_);
    sessions_[thread_id] = std::move(session);
  }
  void remove(std::uint32_t thread_id) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(thread_id);
  }
  /// Null when there is none of that id.
  [[nodiscard]] std::shared_ptr<ReplicaSession> find(std::uint64_t thread_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(static_cast<std::uint32_t>(thread_id));
    if (thread_id > UINT32_MAX || found == sessions_.end()) return nullptr;
    return found->second.lock();
  }
  [[nodiscard]] std::vector<std::shared_ptr<ReplicaSession>> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ReplicaSession>> result;
    for (const auto& [id, weak] : sessions_) {
      if (auto session = weak.lock()) result.push_back(std::move(session));
    }
    return result;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint32_t, std::weak_ptr<ReplicaSession>> sessions_;
};

}  // namespace sluice::proxy

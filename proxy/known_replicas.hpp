// Which replicas have had a dump: to tell those that come back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace sluice::proxy {

/// For all threads.
class KnownReplicas {
 public:
  /// Returns whether it was here before. Of more than so many the rest is not remembered: a replica
  /// chooses its id as it likes.
  bool remember(const std::string& user, std::uint32_t server_id) {
    constexpr std::size_t most = 4096;
    const std::lock_guard lock(mutex_);
    const auto replica = std::make_pair(user, server_id);
    if (seen_.contains(replica)) return true;
    if (seen_.size() < most) seen_.insert(replica);
    return false;
  }

 private:
  std::mutex mutex_;
  std::set<std::pair<std::string, std::uint32_t>> seen_;
};

}  // namespace sluice::proxy

// Which replicas have had a dump: to tell those that come back.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace sluice::proxy {

/// For all threads.
class KnownReplicas {
 public:
  /// By its own words but for the user.
  struct Replica {
    std::string user;
    std::uint32_t server_id = 0;
    std::string uuid;  ///< empty: it has not told one, as those of MariaDB

    auto operator<=>(const Replica&) const = default;
  };
  struct Dump {
    std::uint32_t session = 0;
    std::string place;  ///< where the replica is (network_of())
  };

  /// Its dump begins. Returns whether it had one before. Of more than so many the rest is not
  /// remembered: a replica chooses its ids as it likes.
  bool remember(Replica replica, Dump dump) {
    constexpr std::size_t most = 4096;
    shorten(replica);
    const std::lock_guard lock(mutex_);
    const auto found = last_.find(replica);
    if (found != last_.end()) {
      found->second = std::move(dump);
      return true;
    }
    if (last_.size() < most) last_.emplace(std::move(replica), std::move(dump));
    return false;
  }

  /// Whether it has begun another dump since this one, from the same place.
  [[nodiscard]] bool has_come_back(Replica replica, const Dump& dump) const {
    shorten(replica);
    const std::lock_guard lock(mutex_);
    const auto found = last_.find(replica);
    return found != last_.end() && found->second.session != dump.session &&
           found->second.place == dump.place;
  }

 private:
  /// What it says may be of any length.
  static void shorten(Replica& replica) {
    constexpr std::size_t uuid_size = 36;
    if (replica.uuid.size() > uuid_size) replica.uuid.resize(uuid_size);
  }

  mutable std::mutex mutex_;
  std::map<Replica, Dump> last_;
};

}  // namespace sluice::proxy

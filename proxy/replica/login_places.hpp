// The places of those that have not logged in yet. When they are all taken, an address that holds
// more of them than the newcomer's gives up its oldest: who floods locks out himself. Where he has
// many addresses, whoever has taken longer than a login does goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace sluice::proxy {

/// For all threads.
class LoginPlaces {
 public:
  /// Holds a place; gives it back when the last copy goes. Empty when there was none. The
  /// LoginPlaces must outlive it.
  using Place = std::shared_ptr<void>;
  using Clock = std::chrono::steady_clock;

  /// A login takes some round trips.
  static constexpr std::chrono::seconds long_time{2};

  /// `host`: who comes. `drop` ends that login; it may be called from any thread, once at most.
  [[nodiscard]] Place take(const std::string& host, std::size_t limit, std::function<void()> drop,
                           Clock::time_point now = Clock::now()) {
    std::function<void()> drop_other;
    // Where there is no memory for it, that is found out before the lock is held: what is given
    // back wants it.
    const auto held = std::make_shared<Held>();
    held->host = host;
    {
      const std::lock_guard lock(mutex_);
      if (taken_ >= limit && !make_room_for(host, now, drop_other)) return nullptr;
      const std::uint64_t number = ++last_number_;
      hosts_[host].push_back({number, now, std::move(drop)});
      ++taken_;
      held->number = number;
      held->places = this;
    }
    if (drop_other) drop_other();
    return held;
  }

 private:
  struct Held {
    Held() = default;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() {
      if (places != nullptr) places->give_back(host, number);
    }

    LoginPlaces* places = nullptr;
    std::string host;
    std::uint64_t number = 0;
  };
  struct Login {
    std::uint64_t number;
    Clock::time_point since;
    std::function<void()> drop;
  };
  using Logins = std::list<Login>;  // the oldest first

  bool make_room_for(const std::string& host, Clock::time_point now, std::function<void()>& drop) {
    auto most = hosts_.end();
    auto oldest = hosts_.end();
    for (auto at = hosts_.begin(); at != hosts_.end(); ++at) {
      if (most == hosts_.end() || at->second.size() > most->second.size()) most = at;
      if (at->second.empty()) continue;
      if (oldest == hosts_.end() || at->second.front().number < oldest->second.front().number) {
        oldest = at;
      }
    }
    const auto own = hosts_.find(host);
    const std::size_t held = own == hosts_.end() ? 0 : own->second.size();
    // By two at least, or two of them would drive each other out in turn.
    auto from = most;
    if (most == hosts_.end() || most->second.size() < held + 2) {
      if (oldest == hosts_.end() || now - oldest->second.front().since < long_time) return false;
      from = oldest;
    }
    drop = std::move(from->second.front().drop);
    from->second.pop_front();
    if (from->second.empty()) hosts_.erase(from);
    --taken_;
    return true;
  }

  void give_back(const std::string& host, std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto of_host = hosts_.find(host);
    if (of_host == hosts_.end()) return;
    taken_ -= of_host->second.remove_if([&](const Login& one) { return one.number == number; });
    if (of_host->second.empty()) hosts_.erase(of_host);
  }

  std::mutex mutex_;
  std::map<std::string, Logins> hosts_;
  std::size_t taken_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace sluice::proxy

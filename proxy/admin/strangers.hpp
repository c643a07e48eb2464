// The connections of which nobody knows yet who is behind them: they make room for others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::proxy::admin {

/// For the admin thread.
class Strangers {
 public:
  /// One is a stranger for as long as it lives. The Strangers must outlive it.
  using Stranger = std::shared_ptr<void>;

  /// `network`: whose it is (network_of()). `drop` closes the connection.
  [[nodiscard]] Stranger add(std::string network, std::function<void()> drop) {
    const auto mine =
        strangers_.insert(strangers_.end(), {std::move(network), std::move(drop), false});
    return {this, [mine](void* all) { static_cast<Strangers*>(all)->strangers_.erase(mine); }};
  }

  /// Drops the oldest of the network that holds most, if that are two more than the newcomer's
  /// holds; else of the newcomer's own: who floods drives out himself. The oldest of all where that
  /// has none. false: there is none that has not been dropped.
  bool make_room_for(const std::string& network) {
    std::map<std::string_view, std::size_t> held;
    for (const One& one : strangers_) held[one.network] += one.dropped ? 0 : 1;
    const auto most = std::ranges::max_element(held, {}, [](const auto& of) { return of.second; });
    const std::size_t own = held[network];
    const bool floods = most != held.end() && most->second >= own + 2;
    for (auto& [whose, drop, dropped] : strangers_) {
      if (dropped || (floods && whose != most->first)) continue;
      if (!floods && own > 0 && whose != network) continue;
      dropped = true;
      drop();
      return true;
    }
    return false;
  }

 private:
  struct One {
    std::string network;
    std::function<void()> drop;
    bool dropped;
  };

  std::list<One> strangers_;
};

}  // namespace sluice::proxy::admin

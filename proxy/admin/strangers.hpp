// The connections of which nobody knows yet who is behind them: they make room for others.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace sluice::proxy::admin {

/// For the admin thread.
class Strangers {
 public:
  /// One is a stranger for as long as it lives. The Strangers must outlive it.
  using Stranger = std::shared_ptr<void>;

  /// `drop` closes the connection.
  [[nodiscard]] Stranger add(std::function<void()> drop) {
    const auto mine = strangers_.insert(strangers_.end(), {std::move(drop), false});
    return {this, [mine](void* all) { static_cast<Strangers*>(all)->strangers_.erase(mine); }};
  }

  /// Of those that have not been dropped yet. false: there is none.
  bool drop_oldest() {
    for (auto& [drop, dropped] : strangers_) {
      if (std::exchange(dropped, true)) continue;
      drop();
      return true;
    }
    return false;
  }

 private:
  struct One {
    std::function<void()> drop;
    bool dropped;
  };

  std::list<One> strangers_;
};

}  // namespace sluice::proxy::admin

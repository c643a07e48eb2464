// The WebSockets that are open: bounded in number, and ended together.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace sluice::proxy::admin {

/// For the admin thread, but for size().
class OpenSockets {
 public:
  /// Fewer than connections, so that Prometheus gets in beside them.
  static constexpr std::size_t limit = 16;

  /// Holds a place as long as it lives. The OpenSockets must outlive it.
  using Place = std::shared_ptr<void>;
  /// Says goodbye to the peer, with the reason.
  using End = std::function<void(const char*)>;

  /// Empty when all are taken. `end` is called by end_all().
  [[nodiscard]] Place take(End end) {
    if (ends_.size() >= limit) return nullptr;
    const auto mine = ends_.insert(ends_.end(), std::move(end));
    size_ = ends_.size();
    return {this, [mine](void* sockets) { static_cast<OpenSockets*>(sockets)->remove(mine); }};
  }
  void end_all(const char* reason) const {
    for (const auto& end : ends_) end(reason);
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  using Ends = std::list<End>;

  void remove(Ends::iterator mine) {
    ends_.erase(mine);
    size_ = ends_.size();
  }

  Ends ends_;
  std::atomic<std::size_t> size_ = 0;
};

}  // namespace sluice::proxy::admin

// Bounded numbers of something: a place is taken when it begins and given back when it ends.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace sluice::proxy {

/// For all threads.
class Places {
 public:
  /// Holds a place; gives it back when the last copy goes. Empty when none was free.
  using Place = std::shared_ptr<void>;

  /// `limit`: how many there are by now; 0: no limit.
  [[nodiscard]] Place take(std::size_t limit) {
    const std::size_t before = taken_.fetch_add(1);
    Place place(this, [](void* places) { static_cast<Places*>(places)->taken_.fetch_sub(1); });
    if (limit != 0 && before >= limit) place.reset();
    return place;
  }

 private:
  std::atomic<std::size_t> taken_{0};
};

}  // namespace sluice::proxy

#include "protocol/thread_space.hpp"

#include <array>
#include <utility>

namespace sluice {
namespace {

/// One each for what is received, judged and sent, and as many of a stream that waits meanwhile.
constexpr std::size_t most_kept = 6;

struct Kept {
  std::array<std::unique_ptr<std::uint8_t[]>, most_kept> spaces;
  std::size_t count = 0;
};

thread_local Kept kept;

}  // namespace

void ThreadSpace::take() {
  if (bytes_) return;
  if (kept.count > 0) {
    bytes_ = std::move(kept.spaces[--kept.count]);
  } else {
    bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  }
}

void ThreadSpace::give_back() noexcept {
  if (bytes_ && kept.count < most_kept) {
    kept.spaces[kept.count++] = std::move(bytes_);
  } else {
    bytes_.reset();
  }
}

}  // namespace sluice

#include "protocol/thread_space.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {
namespace {

/// One each for what is received, judged and sent, and as many of a stream that waits meanwhile.
constexpr std::size_t most_spare = 6;

struct Spare {
  std::array<std::unique_ptr<std::uint8_t[]>, most_spare> spaces;
  std::size_t count = 0;
};

thread_local Spare spare;

}  // namespace

void ThreadSpace::take() {
  if (bytes_ && !kept_) return;
  const auto had = std::move(bytes_);
  if (spare.count > 0) {
    bytes_ = std::move(spare.spaces[--spare.count]);
  } else {
    bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  }
  if (kept_) std::copy_n(had.get(), *std::exchange(kept_, {}), bytes_.get());
}

void ThreadSpace::give_back() noexcept {
  const bool whole = bytes_ && !kept_;
  kept_.reset();
  if (whole && spare.count < most_spare) {
    spare.spaces[spare.count++] = std::move(bytes_);
  } else {
    bytes_.reset();
  }
}

void ThreadSpace::keep_only(std::size_t begin, std::size_t end) {
  auto copy = std::make_unique_for_overwrite<std::uint8_t[]>(end - begin);
  std::copy(bytes_.get() + begin, bytes_.get() + end, copy.get());
  give_back();
  bytes_ = std::move(copy);
  kept_ = end - begin;
}

}  // namespace sluice

#include "unit/heap.hpp"

#ifdef SLUICE_TESTS_HAVE_OWN_HEAP

#include <cstdlib>
#include <new>

namespace sluice::test {
namespace {

thread_local std::size_t to_lose = 0;
thread_local std::size_t to_get_before = 0;
thread_local bool has_lost = false;

bool is_refused() {
  if (to_lose == 0) return false;
  if (to_get_before > 0) {
    --to_get_before;
    return false;
  }
  --to_lose;
  has_lost = true;
  return true;
}

}  // namespace

thread_local void (*look_into_freed)(void* block) = nullptr;

void lose_blocks(std::size_t count, std::size_t before) {
  to_lose = count;
  to_get_before = before;
  has_lost = false;
}
bool stop_losing_blocks() {
  to_lose = 0;
  return has_lost;
}

}  // namespace sluice::test

namespace {

void give_back(void* block) noexcept {
  if (sluice::test::look_into_freed != nullptr && block != nullptr) {
    sluice::test::look_into_freed(block);
  }
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  void* const block = sluice::test::is_refused() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept {
  give_back(block);
}
void operator delete(void* block, std::size_t) noexcept {
  give_back(block);
}

/// In the place of the C library's: what Asio takes.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  void* block = nullptr;
  if (sluice::test::is_refused() || posix_memalign(&block, alignment, size) != 0) return nullptr;
  return block;
}

#endif

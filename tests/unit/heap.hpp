// The unit tests' own operator new: what is given back can be looked into, and there can be too
// little of it. Sanitizers have theirs.
#pragma once

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SLUICE_TESTS_HAVE_OWN_HEAP

#include <cstddef>

namespace sluice::test {

/// Called with each block that this thread gives back; null: nothing is.
extern thread_local void (*look_into_freed)(void* block);

/// Of the blocks that this thread asks for from now on, also by way of Asio, it does not get
/// `count`, behind `before` that it gets.
void lose_blocks(std::size_t count, std::size_t before = 0);
/// It gets all of them again. Returns whether it has lost any.
bool stop_losing_blocks();

}  // namespace sluice::test

#endif

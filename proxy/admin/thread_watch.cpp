#include "proxy/admin/thread_watch.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace sluice::proxy::admin {

ThreadWatch::ThreadWatch(const std::vector<Executor>& threads) {
  for (const auto& executor : threads) {
    threads_.push_back({executor, std::make_shared<std::atomic<bool>>(true), {}});
  }
}

void ThreadWatch::look(Time now) {
  for (auto& thread : threads_) {
    if (!thread.has_run->load()) continue;
    thread.has_run->store(false);
    thread.asked = now;
    boost::asio::post(thread.executor, [has_run = thread.has_run] { has_run->store(true); });
  }
}

std::chrono::steady_clock::duration ThreadWatch::waits(Time now) const {
  std::chrono::steady_clock::duration longest{0};
  for (const auto& thread : threads_) {
    if (!thread.has_run->load()) longest = std::max(longest, now - thread.asked);
  }
  return longest;
}

}  // namespace sluice::proxy::admin

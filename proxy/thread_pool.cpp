#include "proxy/thread_pool.hpp"

#include <algorithm>
#include <exception>

#include "proxy/spawn.hpp"

namespace sluice::proxy {

namespace {

/// What throws, such as for memory, ends by that. The others of the thread go on.
void run_to_the_end(boost::asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception&) {
      (void)log_exception("a handler", std::current_exception());
    }
  }
}

}  // namespace

ThreadPool::ThreadPool(unsigned count) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    work_.push_back(boost::asio::make_work_guard(*contexts_.back()));
  }
}

boost::asio::io_context& ThreadPool::next() {
  turn_ = (turn_ + 1) % contexts_.size();
  return *contexts_[turn_];
}

std::vector<Executor> ThreadPool::executors() const {
  std::vector<Executor> all;
  all.reserve(contexts_.size());
  for (const auto& context : contexts_) all.push_back(context->get_executor());
  return all;
}

void ThreadPool::run() {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < contexts_.size(); ++i) {
    threads.emplace_back([this, i] { run_to_the_end(*contexts_[i]); });
  }
  run_to_the_end(first());
  for (auto& thread : threads) thread.join();
}

void ThreadPool::stop() {
  for (auto& context : contexts_) context->stop();
}

}  // namespace sluice::proxy

#include "proxy/event_loop/thread_pool.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>

#include "proxy/event_loop/spawn.hpp"

namespace sluice::proxy {

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

ThreadPool::ThreadPool(unsigned count) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    work_.push_back(boost::asio::make_work_guard(*contexts_.back()));
    shares_.push_back(std::make_shared<char>());
  }
}

ThreadPool::Place ThreadPool::next() {
  const std::size_t count = contexts_.size();
  std::size_t best = (turn_ + 1) % count;
  for (std::size_t i = 2; i <= count; ++i) {
    const std::size_t other = (turn_ + i) % count;
    if (shares_[other].use_count() < shares_[best].use_count()) best = other;
  }
  turn_ = best;
  return {*contexts_[best], shares_[best]};
}

std::vector<Executor> ThreadPool::executors() const {
  std::vector<Executor> all;
  all.reserve(contexts_.size());
  for (const auto& context : contexts_) all.push_back(context->get_executor());
  return all;
}

void ThreadPool::run() {
  std::vector<std::thread> threads;
  std::error_code failed;
  try {
    for (std::size_t i = 1; i < contexts_.size(); ++i) {
      threads.emplace_back([this, i] { run_to_the_end(*contexts_[i]); });
    }
  } catch (const std::system_error& error) {
    failed = error.code();
    stop();
  }
  run_to_the_end(first());
  for (auto& thread : threads) thread.join();
  if (failed) {
    throw std::system_error(failed, "no more threads can be made than " +
                                        std::to_string(threads.size() + 1) + " of the " +
                                        std::to_string(contexts_.size()) + " ([runtime] threads)");
  }
}

void ThreadPool::stop() {
  for (auto& context : contexts_) context->stop();
}

}  // namespace sluice::proxy

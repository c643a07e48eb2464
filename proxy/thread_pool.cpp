#include "proxy/thread_pool.hpp"

#include <algorithm>

namespace sluice::proxy {

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

void ThreadPool::run() {
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < contexts_.size(); ++i) {
    threads.emplace_back([this, i] { contexts_[i]->run(); });
  }
  first().run();
  for (auto& thread : threads) thread.join();
}

void ThreadPool::stop() {
  for (auto& context : contexts_) context->stop();
}

}  // namespace sluice::proxy

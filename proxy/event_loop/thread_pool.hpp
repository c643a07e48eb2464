// One thread and one event loop for each core. What begins on a thread stays there.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "proxy/event_loop/task.hpp"

namespace sluice::proxy {

/// What throws, such as for memory, ends by that, with a line in the log. The others of the thread
/// go on.
void run_to_the_end(boost::asio::io_context& context);

class ThreadPool {
 public:
  /// `count` 0: one for each core. The threads begin with run().
  explicit ThreadPool(unsigned count);

  [[nodiscard]] boost::asio::io_context& first() { return *contexts_.front(); }
  /// A thread for something that lasts. It counts there for as long as a copy of `share` lives.
  struct Place {
    boost::asio::io_context& context;
    std::shared_ptr<const void> share;
  };
  /// On the thread that has the fewest; of several the next one in turn. From the first thread
  /// only.
  [[nodiscard]] Place next();

  [[nodiscard]] std::vector<Executor> executors() const;

  /// Runs all of them, the first one in the caller's thread, until stop(). Throws std::system_error
  /// if a thread cannot be made.
  void run();
  /// Has run() return, whatever is still to do. From any thread.
  void stop();

 private:
  using Work = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<Work> work_;
  std::vector<std::shared_ptr<const void>> shares_;  // by thread; who counts holds a copy
  std::size_t turn_ = 0;
};

}  // namespace sluice::proxy

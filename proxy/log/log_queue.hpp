// Lines of the log on their way to a descriptor that may not take them, such as a pipe that nobody
// reads: there a thread of its own waits, and nobody who logs.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace sluice::proxy::log {

/// For all threads.
class LogQueue final : public spdlog::sinks::base_sink<std::mutex>,
                       public std::enable_shared_from_this<LogQueue> {
 public:
  /// Bytes of lines that wait; as many may be on their way. What comes on top of it is lost.
  static constexpr std::size_t limit = std::size_t{512} << 10;

  /// Makes a line, but for its time, of how many were lost.
  using TellLoss = std::function<std::string(std::uint64_t)>;
  LogQueue(int descriptor, TellLoss tell_loss)
      : descriptor_(descriptor), tell_loss_(std::move(tell_loss)) {}

  /// Writes from now on. Throws std::system_error where there may be no more threads.
  void start();
  /// Waits until all is written, no longer than that; what comes later is not written.
  void finish(std::chrono::milliseconds patience);

  /// Counts a line that did not even come to be one.
  void lose_one();
  /// Lines that were lost since the start.
  [[nodiscard]] std::uint64_t lost();

 private:
  void sink_it_(const spdlog::details::log_msg& line) override;
  void flush_() override {}
  void lose(std::uint64_t lines);
  void write_all();
  void write(std::string_view lines);
  [[nodiscard]] std::uint64_t write_whole(std::string_view lines);
  void tell();

  const int descriptor_;
  const TellLoss tell_loss_;
  std::thread thread_;
  std::condition_variable changed_;

  // Of the thread that writes.
  std::unique_ptr<spdlog::formatter> own_formatter_;
  std::uint64_t untold_ = 0;  ///< lost lines that no line has told of
  bool torn_ = false;         ///< the last line that was begun has no end

  // By mutex_.
  std::string waiting_;
  std::uint64_t lost_behind_ = 0;  ///< those that would stand behind `waiting_`
  std::uint64_t lost_ = 0;
  bool resting_ = false;
  bool ending_ = false;
  bool all_written_ = false;
};

}  // namespace sluice::proxy::log

#include "proxy/log/log_queue.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "proxy/base/signals_blocked.hpp"

namespace sluice::proxy::log {
namespace {

/// To be woken for each of many lines costs more than the line: what comes so soon behind another
/// goes together.
constexpr std::chrono::milliseconds rest_time(10);

/// What the buffers keep when a flood is over.
constexpr std::size_t kept_room = std::size_t{16} << 10;

/// Whole lines, and no more of them than a pipe takes in one piece: nothing of others that write to
/// it stands within.
std::string_view first_piece(std::string_view text) {
  if (text.size() <= PIPE_BUF) return text;
  const auto end = text.rfind('\n', PIPE_BUF - 1);
  return text.substr(0, end == std::string_view::npos ? PIPE_BUF : end + 1);
}

/// Waits as long as it takes. Returns how many lines could not be written. `torn`: whether the last
/// one that was begun has no end.
std::uint64_t write_lines(int descriptor, std::string_view lines, bool& torn) {
  while (!lines.empty()) {
    const auto piece = first_piece(lines);
    const auto done = ::write(descriptor, piece.data(), piece.size());
    if (done > 0) {
      torn = piece[static_cast<std::size_t>(done) - 1] != '\n';
      lines.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno == EAGAIN) {
      // Whoever shares it has made it so.
      pollfd room{descriptor, POLLOUT, 0};
      (void)::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    }
  }
  return 0;
}

void clear(std::string& text) {
  text.clear();
  if (text.capacity() > kept_room) text.shrink_to_fit();
}

}  // namespace

void LogQueue::start() {
  const SignalsBlocked blocked;
  // It may outlive whoever waits for its end.
  thread_ = std::thread([self = shared_from_this()] { self->write_all(); });
}

void LogQueue::finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  ending_ = true;
  changed_.notify_all();
  const bool in_time = changed_.wait_for(lock, patience, [this] { return all_written_; });
  lock.unlock();
  if (in_time) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void LogQueue::sink_it_(const spdlog::details::log_msg& line) try {
  spdlog::memory_buf_t text;
  formatter_->format(line, text);
  // None behind those that are lost, so that their number stands where they would.
  if (lost_behind_ > 0 || waiting_.size() + text.size() > limit) return lose(1);
  waiting_.append(text.data(), text.size());
  if (!resting_) changed_.notify_all();
} catch (const std::bad_alloc&) {
  lose(1);
}

void LogQueue::lose_one() {
  const std::lock_guard lock(mutex_);
  lose(1);
}

void LogQueue::lose(std::uint64_t lines) {
  lost_behind_ += lines;
  lost_ += lines;
  if (!resting_) changed_.notify_all();
}

std::uint64_t LogQueue::lost() {
  const std::lock_guard lock(mutex_);
  return lost_;
}

void LogQueue::write_all() {
  std::unique_lock lock(mutex_);
  own_formatter_ = formatter_->clone();
  std::string lines;
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || lost_behind_ > 0 || ending_; });
    if (waiting_.empty() && lost_behind_ == 0) break;
    std::swap(lines, waiting_);
    const auto lost_behind = std::exchange(lost_behind_, 0);
    lock.unlock();
    tell();
    write(lines);
    clear(lines);
    untold_ += lost_behind;
    tell();
    lock.lock();
    resting_ = true;
    changed_.wait_for(lock, rest_time, [this] { return ending_; });
    resting_ = false;
  }
  all_written_ = true;
  changed_.notify_all();
}

/// None goes on where another was torn, as on a disk that was full.
std::uint64_t LogQueue::write_whole(std::string_view lines) {
  if (torn_ && write_lines(descriptor_, "\n", torn_) > 0) {
    return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
  }
  return write_lines(descriptor_, lines, torn_);
}

void LogQueue::write(std::string_view lines) {
  const auto failed = write_whole(lines);
  if (failed == 0) return;
  untold_ += failed;
  const std::lock_guard lock(mutex_);
  lost_ += failed;
}

void LogQueue::tell() try {
  if (untold_ == 0) return;
  const std::string loss = tell_loss_(untold_);
  spdlog::memory_buf_t text;
  own_formatter_->format({"", spdlog::level::warn, loss}, text);
  if (write_whole({text.data(), text.size()}) == 0) untold_ = 0;
} catch (const std::bad_alloc&) {
  // The next time, then.
}

}  // namespace sluice::proxy::log

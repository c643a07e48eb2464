// The one buffer of a stream: filled from the master, scanned and patched where it lies by a
// StreamFilter, emptied towards the replica.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "filters/stream/event_judge.hpp"
#include "protocol/bytes.hpp"
#include "protocol/thread_space.hpp"

namespace sluice::filters {

class StreamBuffer {
 public:
  /// Where the bytes lie as long as they fit into the usual size.
  enum class Room {
    own,        ///< the buffer's
    of_thread,  ///< a ThreadSpace, between take() and give_back(): behind TLS, where what comes
                ///< while one waits lies elsewhere
  };
  /// Large enough to keep system calls few.
  static constexpr std::size_t usual_size = std::size_t{128} << 10;
  /// What the filter may want to hold, and a piece of what follows.
  static constexpr std::size_t max_size = EventJudge::max_held + usual_size;

  explicit StreamBuffer(Room room = Room::own) : room_(room) {
    if (room_ == Room::own) use_own(Buffer(usual_size));
  }
  ~StreamBuffer() = default;
  StreamBuffer(const StreamBuffer&) = delete;
  StreamBuffer& operator=(const StreamBuffer&) = delete;

  /// Free space, for which the thread's room is taken where there is none.
  [[nodiscard]] MutableBytes take() {
    if (room_ == Room::of_thread && own_.empty()) {
      of_thread_.take();
      // No more than goes in full records, at once.
      bytes_ = {of_thread_.data(), ThreadSpace::content_size};
    }
    return free_space();
  }
  /// Gives the thread's room back, unless something is pending. Nothing may point into it.
  void give_back() {
    if (room_ == Room::own || begin_ != end_) return;
    begin_ = end_ = 0;
    bytes_ = {};
    own_ = {};
    of_thread_.give_back();
  }

  /// Holds nothing but what is pending, until there is to be room again: where it lies now, if
  /// anywhere. Nothing may point into it.
  [[nodiscard]] Bytes park() {
    give_back();
    if (room_ == Room::of_thread && own_.empty() && begin_ != end_) {
      of_thread_.keep_only(begin_, end_);
      end_ -= std::exchange(begin_, 0);
      bytes_ = {of_thread_.data(), end_};
    }
    return pending();
  }

  [[nodiscard]] MutableBytes free_space() { return bytes_.subspan(end_); }
  void received(std::size_t size) { end_ += size; }

  /// What was received and not released yet.
  [[nodiscard]] MutableBytes pending() { return bytes_.subspan(begin_, end_ - begin_); }
  void clear() { begin_ = end_ = 0; }
  void release(std::size_t size) { begin_ += size; }

  /// Makes free space again; grows only for what must be held. false: it would be larger than
  /// max_size and than `wanted` (StreamFilter::wanted) and a piece of what follows.
  [[nodiscard]] bool make_room(std::size_t wanted) {
    const std::size_t kept = end_ - begin_;
    if (kept == 0) {
      begin_ = end_ = 0;
      if (room_ == Room::own && bytes_.size() > usual_size) use_own(Buffer(usual_size));
      return true;
    }
    if (!take().empty()) return true;
    if (begin_ == 0) {
      const std::size_t limit = std::max(max_size, wanted + usual_size);
      if (bytes_.size() >= limit) return false;
      Buffer larger(std::min(bytes_.size() * 2, limit));
      std::ranges::copy(bytes_, larger.begin());
      use_own(std::move(larger));
      return true;
    }
    std::memmove(bytes_.data(), bytes_.data() + begin_, kept);
    begin_ = 0;
    end_ = kept;
    return true;
  }

 private:
  void use_own(Buffer own) {
    own_ = std::move(own);
    bytes_ = own_;
    of_thread_.give_back();
  }

  Room room_;
  Buffer own_;
  ThreadSpace of_thread_;
  MutableBytes bytes_;  // one of them
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sluice::filters

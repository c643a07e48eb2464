// The one buffer of a stream: filled from the master, scanned and patched where it lies by a
// StreamFilter, emptied towards the replica.
#pragma once

#include <algorithm>
#include <cstring>

#include "filters/event_judge.hpp"
#include "protocol/bytes.hpp"

namespace sluice::filters {

class StreamBuffer {
 public:
  /// Large enough to keep system calls few, small enough to have a thousand.
  static constexpr std::size_t usual_size = std::size_t{128} << 10;
  /// Where TLS has buffers of its own, in which it receives and sends four records at a time.
  static constexpr std::size_t size_behind_tls = std::size_t{64} << 10;
  /// What the filter may want to hold, and a piece of what follows.
  static constexpr std::size_t max_size = EventJudge::max_held + usual_size;

  /// `size`: while nothing larger must be held.
  explicit StreamBuffer(std::size_t size = usual_size) : size_(size), bytes_(size) {}

  [[nodiscard]] MutableBytes free_space() { return MutableBytes(bytes_).subspan(end_); }
  void received(std::size_t size) { end_ += size; }

  /// What was received and not released yet.
  [[nodiscard]] MutableBytes pending() {
    return MutableBytes(bytes_).subspan(begin_, end_ - begin_);
  }
  void clear() { begin_ = end_ = 0; }
  void release(std::size_t size) { begin_ += size; }

  /// Makes free space again; grows only for what must be held. false: it would be larger than
  /// max_size and than `wanted` (StreamFilter::wanted) and a piece of what follows.
  [[nodiscard]] bool make_room(std::size_t wanted = 0) {
    const std::size_t kept = end_ - begin_;
    if (kept == 0) {
      begin_ = end_ = 0;
      if (bytes_.size() > size_) bytes_ = Buffer(size_);
      return true;
    }
    if (end_ < bytes_.size()) return true;
    if (begin_ == 0) {
      const std::size_t limit = std::max(max_size, wanted + usual_size);
      if (bytes_.size() >= limit) return false;
      bytes_.resize(std::min(bytes_.size() * 2, limit));
      return true;
    }
    std::memmove(bytes_.data(), bytes_.data() + begin_, kept);
    begin_ = 0;
    end_ = kept;
    return true;
  }

 private:
  std::size_t size_;
  Buffer bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sluice::filters

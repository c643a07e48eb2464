// Follows the packets of a dump without keeping them: where each ends, and how it began.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/binlog/event_header.hpp"
#include "protocol/bytes.hpp"

namespace sluice::bench {

class PacketFollower {
 public:
  /// As much of a payload's beginning as is kept: up to the commit time of a GTID event.
  static constexpr std::size_t head_size = 72;

  /// Calls `on_packet()` where a packet ends; not between the parts of one of 16 MiB and more.
  template <typename OnPacket>
  void take(Bytes bytes, OnPacket&& on_packet) {
    while (!bytes.empty()) {
      if (left_ == 0) {
        begin(bytes);
        if (left_ > 0 || header_size_ > 0) continue;
      } else {
        skip(bytes);
      }
      if (left_ == 0 && !full_) {
        ++packets_;
        on_packet();
      }
    }
  }
  void take(Bytes bytes) {
    take(bytes, [] {});
  }

  /// The beginning of the payload under way, or of the last one.
  [[nodiscard]] Bytes head() const { return Bytes(head_).first(head_end_); }
  /// What the dump ends with: ERR or EOF.
  [[nodiscard]] bool ended() const { return left_ == 0 && head_end_ > 0 && head_[0] >= 0xFE; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  void begin(Bytes& bytes) {
    while (header_size_ < header_.size() && !bytes.empty()) {
      header_[header_size_++] = bytes.front();
      bytes = bytes.subspan(1);
    }
    if (header_size_ < header_.size()) return;
    header_size_ = 0;
    left_ = static_cast<std::size_t>(load_le<3>(header_.data()));
    // What goes on behind a full packet belongs to the same payload.
    if (!full_) head_end_ = 0;
    full_ = left_ == 0xFFFFFF;
  }

  void skip(Bytes& bytes) {
    const std::size_t size = std::min(left_, bytes.size());
    const std::size_t kept = std::min(head_size - head_end_, size);
    std::memcpy(head_.data() + head_end_, bytes.data(), kept);
    head_end_ += kept;
    left_ -= size;
    bytes = bytes.subspan(size);
  }

  std::array<std::uint8_t, 4> header_{};
  std::size_t header_size_ = 0;
  std::array<std::uint8_t, head_size> head_{};
  std::size_t head_end_ = 0;
  std::size_t left_ = 0;
  bool full_ = false;
  std::uint64_t packets_ = 0;
};

}  // namespace sluice::bench

// Room for what a stream has in hand: what it receives, judges and sends, four full TLS records at
// a time.
//
// A stream has one only while there is something in it. What one gives back the next one of its
// thread takes, while it is still in the processor's cache: with many streams, each with its own,
// it would not be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/tls/record.hpp"

namespace sluice {

class ThreadSpace {
 public:
  static constexpr std::size_t size = 4 * (tls::max_content + tls::overhead);  ///< in bytes

  /// None as yet.
  ThreadSpace() = default;
  ~ThreadSpace() { give_back(); }
  ThreadSpace(ThreadSpace&&) noexcept = default;
  ThreadSpace& operator=(ThreadSpace&&) = delete;
  ThreadSpace(const ThreadSpace&) = delete;
  ThreadSpace& operator=(const ThreadSpace&) = delete;

  /// The one that this thread was given back last, or a new one. What is in it means nothing.
  void take();
  /// Does nothing where there is none.
  void give_back() noexcept;

  explicit operator bool() const { return bytes_ != nullptr; }
  [[nodiscard]] std::uint8_t* data() const { return bytes_.get(); }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
};

}  // namespace sluice

// Room for what a stream has in hand: what it receives, judges and sends, eight full TLS records at
// a time.
//
// A stream has one only while there is something in it. When it gives it back, the next stream of
// the same thread takes it, while it is still in the processor's cache: with many streams, each
// with its own, it would not be. A stream that must wait for the other side keeps what it has in
// hand, no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/tls/record.hpp"

namespace sluice {

class ThreadSpace {
 public:
  static constexpr std::size_t records = 8;                                    ///< full ones
  static constexpr std::size_t content_size = records * tls::max_content;      ///< in bytes
  static constexpr std::size_t size = content_size + records * tls::overhead;  ///< in bytes

  /// None as yet.
  ThreadSpace() = default;
  ~ThreadSpace() { give_back(); }
  ThreadSpace(ThreadSpace&&) noexcept = default;
  ThreadSpace& operator=(ThreadSpace&&) = delete;
  ThreadSpace(const ThreadSpace&) = delete;
  ThreadSpace& operator=(const ThreadSpace&) = delete;

  /// The one that this thread was given back last, or a new one. Its content is undefined, but for
  /// the bytes that were kept: they lie at its beginning.
  void take();
  /// Does nothing where there is none.
  void give_back() noexcept;
  /// Keeps these bytes, in room of their size, and gives back the space itself.
  void keep_only(std::size_t begin, std::size_t end);

  explicit operator bool() const { return bytes_ != nullptr; }
  [[nodiscard]] std::uint8_t* data() const { return bytes_.get(); }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::optional<std::size_t> kept_;  // instead of a whole space
};

}  // namespace sluice

// Where records are received and sealed: room for some full ones at a time.
//
// A stream has one only while there is something in it. What one gives back the next one of its
// thread takes, while it is still in the processor's cache: with many streams, each with its own,
// it would not be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/tls/record.hpp"

namespace sluice::tls {

class RecordSpace {
 public:
  /// In bytes: four full records.
  static constexpr std::size_t size = 4 * (max_content + overhead);

  /// None as yet.
  RecordSpace() = default;
  ~RecordSpace() { give_back(); }
  RecordSpace(RecordSpace&&) noexcept = default;
  RecordSpace& operator=(RecordSpace&&) = delete;
  RecordSpace(const RecordSpace&) = delete;
  RecordSpace& operator=(const RecordSpace&) = delete;

  /// The one that this thread was given back last, or a new one. What is in it means nothing.
  void take();
  /// Does nothing where there is none.
  void give_back() noexcept;

  explicit operator bool() const { return bytes_ != nullptr; }
  [[nodiscard]] std::uint8_t* data() const { return bytes_.get(); }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
};

}  // namespace sluice::tls

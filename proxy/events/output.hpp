// What the program prints: collected, and written in large pieces.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sluice::proxy::events {

class Output {
 public:
  /// Keeps everything, for take().
  Output() = default;
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { flush(); }

  void write(std::string_view text);
  void flush();
  /// So many bytes have not been written.
  [[nodiscard]] std::size_t held() const { return pending_.size(); }
  /// What has not been written.
  [[nodiscard]] std::string take() { return std::exchange(pending_, {}); }

  /// Nobody reads any more, or the disk is full: errno of the first write that failed, else 0.
  [[nodiscard]] int error() const { return error_; }

 private:
  int descriptor_ = -1;  // none
  int error_ = 0;
  std::string pending_;
};

}  // namespace sluice::proxy::events

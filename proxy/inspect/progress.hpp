// How far a long file has been read, on the standard error output.
#pragma once

#include <chrono>
#include <string>

#include "proxy/inspect/byte_source.hpp"

namespace sluice::proxy::inspect {

enum class ProgressStyle {
  none,
  in_place,  ///< on a terminal: one line that changes
  lines,
};

class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  /// What is done before `patience` is over needs none.
  explicit Progress(ProgressStyle style, Clock::duration patience = std::chrono::seconds(1))
      : style_(style), patience_(patience) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void begin(const std::string& file);
  void show(const ByteSource& source);
  /// Takes the line back.
  void clear();

 private:
  ProgressStyle style_;
  Clock::duration patience_;
  std::string file_;
  Clock::time_point next_{};
  bool shown_ = false;
};

}  // namespace sluice::proxy::inspect

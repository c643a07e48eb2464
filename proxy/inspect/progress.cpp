#include "proxy/inspect/progress.hpp"

#include <iostream>

#include "proxy/base/escaped_text.hpp"

namespace sluice::proxy::inspect {

void Progress::begin(const std::string& file) {
  file_ = escaped(file);
  next_ = Clock::now() + patience_;
}

void Progress::show(const ByteSource& source) {
  if (style_ == ProgressStyle::none) return;
  const auto now = Clock::now();
  if (now < next_) return;
  const bool in_place = style_ == ProgressStyle::in_place;
  next_ = now + (in_place ? std::chrono::milliseconds(250) : std::chrono::seconds(5));
  std::string text = file_ + ": " + std::to_string(source.consumed() >> 20) + " MiB";
  if (const auto total = source.total(); total && *total > 0) {
    text += " of " + std::to_string(*total >> 20) + " MiB, " +
            std::to_string(source.consumed() * 100 / *total) + " %";
  }
  std::cerr << (in_place ? "\r\x1b[K" : "") << text << (in_place ? "" : "\n") << std::flush;
  shown_ = in_place;
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace sluice::proxy::inspect

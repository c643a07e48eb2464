// A text on the heap at its exact size, so that a sanitizer sees a read past its end.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

namespace sluice::filters {

class ExactText {
 public:
  explicit ExactText(std::string_view text)
      : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

}  // namespace sluice::filters

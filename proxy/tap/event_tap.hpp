// Shows the events of a dump to those who tap it, behind who has to see them in any case.
#pragma once

#include <algorithm>

#include "proxy/tap/session_tap.hpp"

namespace sluice::proxy::tap {

class EventTap final : public filters::EventObserver {
 public:
  /// `first` may be null. All must outlive it.
  EventTap(SessionTap& tap, const filters::StreamFilter& filter, filters::EventObserver* first)
      : tap_(tap), filter_(filter), first_(first) {}

  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    const std::size_t wanted = first_ != nullptr ? first_->bytes_wanted(header) : 0;
    return std::max(wanted, tap_.bytes_wanted(header));
  }
  /// Nothing is to be held up for a tap.
  [[nodiscard]] bool opens_payloads() const override {
    return first_ != nullptr && first_->opens_payloads();
  }
  [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
    std::string refusal;
    if (first_ != nullptr) refusal = first_->see(seen);
    if (refusal.empty()) tap_.event(seen, filter_);
    return refusal;
  }

 private:
  SessionTap& tap_;
  const filters::StreamFilter& filter_;
  filters::EventObserver* first_;
};

}  // namespace sluice::proxy::tap

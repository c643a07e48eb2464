// Tells of statements on dropped and kept tables: as a whole they go the way of the one table that
// decides, as the servers' own rules do it, and somebody may miss the rest.
#pragma once

#include <functional>
#include <memory>

#include "filters/stream/event_observer.hpp"

namespace sluice::filters {

class MixedWatch final : public EventObserver {
 public:
  using Tell = std::function<void(const SeenEvent&)>;

  /// `next`, if any, sees all events too.
  MixedWatch(std::unique_ptr<EventObserver> next, Tell tell)
      : next_(std::move(next)), tell_(std::move(tell)) {}

  [[nodiscard]] bool wants(binlog::EventType type) const override {
    return binlog::is_statement(type) || (next_ && next_->wants(type));
  }
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    return next_ ? next_->bytes_wanted(header) : 0;
  }
  [[nodiscard]] std::string see(const SeenEvent& seen) override {
    if (seen.subject.mixed) tell_(seen);
    return next_ ? next_->see(seen) : std::string();
  }

 private:
  std::unique_ptr<EventObserver> next_;
  Tell tell_;
};

}  // namespace sluice::filters

// Hands what the filter decides on to the printer and the summary, behind the watch for
// requirements.
#pragma once

#include <algorithm>

#include "filters/requirements/requirements.hpp"
#include "proxy/events/event_printer.hpp"
#include "proxy/inspect/summary.hpp"

namespace sluice::proxy::inspect {

class Observer final : public filters::EventObserver {
 public:
  /// One of printer and summary may be missing, and the watch. All must outlive the observer.
  Observer(events::EventReader& reader, events::EventPrinter* printer, Summary* summary,
           filters::RequirementsWatch* watch, const events::Output& out)
      : reader_(reader), printer_(printer), summary_(summary), watch_(watch), out_(out) {}

  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    std::size_t wanted = reader_.bytes_wanted(header);
    if (summary_ != nullptr) wanted = std::max(wanted, summary_->bytes_wanted(header));
    return watch_ == nullptr ? wanted : std::max(wanted, watch_->bytes_wanted(header));
  }
  [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
    if (watch_ != nullptr) {
      if (std::string refusal = watch_->see(seen); !refusal.empty()) {
        see_undecidable(seen);
        return refusal;
      }
    }
    const events::EventRecord record = reader_.read(seen);
    if (summary_ != nullptr) summary_->add(record);
    if (printer_ != nullptr) printer_->print(record);
    return out_.error() == 0 ? "" : "nobody reads what is printed";
  }
  /// Shown, but not counted: a relay does not let it through.
  void see_undecidable(const filters::SeenEvent& seen) override {
    if (printer_ == nullptr) return;
    events::EventRecord record = reader_.read(seen);
    record.stops = true;
    printer_->print(record);
  }

 private:
  events::EventReader& reader_;
  events::EventPrinter* printer_;
  Summary* summary_;
  filters::RequirementsWatch* watch_;
  const events::Output& out_;
};

}  // namespace sluice::proxy::inspect

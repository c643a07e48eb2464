// Hands what the filter decides on to the printer and the summary.
#pragma once

#include <algorithm>

#include "proxy/events/event_printer.hpp"
#include "proxy/inspect/summary.hpp"

namespace sluice::proxy::inspect {

class Observer final : public filters::EventObserver {
 public:
  /// One of printer and summary may be missing. All must outlive the observer.
  Observer(events::EventReader& reader, events::EventPrinter* printer, Summary* summary,
           const events::Output& out)
      : reader_(reader), printer_(printer), summary_(summary), out_(out) {}

  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    const std::size_t wanted = reader_.bytes_wanted(header);
    return summary_ == nullptr ? wanted : std::max(wanted, summary_->bytes_wanted(header));
  }
  [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
    const events::EventRecord record = reader_.read(seen);
    if (summary_ != nullptr) summary_->add(record);
    if (printer_ != nullptr) printer_->print(record);
    return out_.error() == 0 ? "" : "nobody reads what is printed";
  }

 private:
  events::EventReader& reader_;
  events::EventPrinter* printer_;
  Summary* summary_;
  const events::Output& out_;
};

}  // namespace sluice::proxy::inspect

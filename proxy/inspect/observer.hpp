// Hands what the filter decides on to the printer and the summary.
#pragma once

#include "proxy/inspect/event_printer.hpp"
#include "proxy/inspect/summary.hpp"

namespace sluice::proxy::inspect {

class Observer final : public filters::EventObserver {
 public:
  /// All must outlive the observer. Without a printer only the summary is told.
  Observer(EventReader reader, EventPrinter* printer, Summary& summary, const Output& out)
      : reader_(std::move(reader)), printer_(printer), summary_(summary), out_(out) {}

  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    return reader_.bytes_wanted(header);
  }
  [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
    const EventRecord record = reader_.read(seen);
    summary_.add(record);
    if (printer_ != nullptr) printer_->print(record);
    return out_.error() == 0 ? "" : "nobody reads what is printed";
  }

 private:
  EventReader reader_;
  EventPrinter* printer_;
  Summary& summary_;
  const Output& out_;
};

}  // namespace sluice::proxy::inspect

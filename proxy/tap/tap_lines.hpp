// What is tapped as lines: for people, or as JSON.
#pragma once

#include "proxy/events/event_record.hpp"
#include "proxy/events/output.hpp"
#include "proxy/tap/tap_entry.hpp"
#include "proxy/tap/tap_filter.hpp"

namespace sluice::proxy::tap {

class TapLines {
 public:
  /// The filter must outlive it.
  TapLines(const TapFilter& filter, events::Output& out) : filter_(filter), out_(out) {}

  void print(const TapEntry& entry);
  void print_lost(std::uint64_t lost);

 private:
  void print_event(const TapEntry& entry, const EventEntry& event);
  void print_record(const TapEntry& entry, const events::EventRecord& record, bool with_content);
  void print_packet(const TapEntry& entry, const PacketEntry& packet);
  void print_session(const TapEntry& entry, const SessionEntry& session);

  const TapFilter& filter_;
  events::Output& out_;
};

}  // namespace sluice::proxy::tap

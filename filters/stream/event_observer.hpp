// Who wants to see each event of a stream and what becomes of it: the watch for requirements, the
// tap, `inspect`.
#pragma once

#include <optional>
#include <string>

#include "filters/rules/drop_rule.hpp"
#include "filters/stream/event_subject.hpp"
#include "protocol/binlog/format_description.hpp"

namespace sluice::filters {

/// An event that the filter has decided on, as the master sent it: nothing is overwritten yet, and
/// nothing of it has gone to the replica.
struct SeenEvent {
  const std::string& file;
  std::uint64_t position;  ///< where it begins; of an event in a payload: where the payload begins
  const binlog::EventHeader& header;
  Bytes event;  ///< what there is of it, at least its header and as much as was wanted
  const binlog::FormatDescription& format;  ///< of events in a payload: without checksums
  bool dropped;
  bool in_payload;                 ///< it lies in the TRANSACTION_PAYLOAD that was seen last
  std::optional<DropRule> rule{};  ///< by which it is dropped; none for what is of no use any more
  EventSubject subject{};
};

class EventObserver {
 public:
  EventObserver() = default;
  EventObserver(const EventObserver&) = delete;
  EventObserver& operator=(const EventObserver&) = delete;
  virtual ~EventObserver() = default;

  /// Events of other types need not be shown. Always the same.
  [[nodiscard]] virtual bool wants(binlog::EventType) const { return true; }

  /// The first so many bytes of the event must be there when it is seen; more than the event has
  /// means all of it, as far as its first packet goes. What is asked for is held in memory.
  [[nodiscard]] virtual std::size_t bytes_wanted(const binlog::EventHeader&) const { return 0; }

  /// Whether a TRANSACTION_PAYLOAD is to be held and opened for this observer alone, where nothing
  /// is filtered.
  [[nodiscard]] virtual bool opens_payloads() const { return true; }

  /// Each event, in the order of the stream. A text is the reason why the stream must not go on
  /// with it.
  [[nodiscard]] virtual std::string see(const SeenEvent& seen) = 0;

  /// Instead of see(), an event that the stream stops at as it cannot be judged.
  virtual void see_undecidable(const SeenEvent&) {}
};

}  // namespace sluice::filters

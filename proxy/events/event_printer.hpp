// The events of a file as lines: for people, or as JSON.
#pragma once

#include "proxy/base/json_object.hpp"
#include "proxy/events/event_record.hpp"
#include "proxy/events/output.hpp"

namespace sluice::proxy::events {

/// Whose text is shown.
enum class ShownStatements {
  none,
  kept,  ///< of events that pass, unless they change accounts: these may hold passwords
  all,
};

struct PrintOptions {
  bool json = false;
  bool only_dropped = false;
  bool rows = false;
  ShownStatements statements = ShownStatements::none;
  /// So much of an event's rows is held to show them: compressed ones make much out of little.
  std::size_t max_rows = EventReader::max_rows_event;
};

class EventPrinter {
 public:
  EventPrinter(PrintOptions options, Output& out) : options_(options), out_(out) {}

  void print(const EventRecord& record);

 private:
  void print_text(const EventRecord& record);
  void print_json(const EventRecord& record);

  PrintOptions options_;
  Output& out_;
};

// The parts of those lines, for other lines that have them too.

/// A type that this version does not know, by its number.
[[nodiscard]] std::string type_text(binlog::EventType type);
/// "keep", "drop system_schema", "look inside".
[[nodiscard]] std::string verdict_text(const EventRecord& record);
/// What the event is about: table or kind of statement, schema, detail.
[[nodiscard]] std::string subject_text(const EventRecord& record);
/// The lines below: statement and rows, if they are to be shown.
void print_content(const EventRecord& record, const PrintOptions& options, Output& out);
/// The members of the object from the type on; what it ends with is left to `line`.
void add_members(const EventRecord& record, const PrintOptions& options, JsonObject& line,
                 Output& out);

}  // namespace sluice::proxy::events

// The events of a file as lines: for people, or as JSON.
#pragma once

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
};

class EventPrinter {
 public:
  EventPrinter(PrintOptions options, Output& out) : options_(options), out_(out) {}

  void print(const EventRecord& record);

 private:
  void print_text(const EventRecord& record);
  void print_json(const EventRecord& record);
  void print_rows(const EventRecord& record);
  [[nodiscard]] bool shows_text(const EventRecord& record) const;

  PrintOptions options_;
  Output& out_;
};

/// "keep", "drop system_schema", "look inside".
[[nodiscard]] std::string verdict_text(const EventRecord& record);

}  // namespace sluice::proxy::events

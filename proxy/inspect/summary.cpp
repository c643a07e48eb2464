#include "proxy/inspect/summary.hpp"

#include <algorithm>

#include "proxy/base/escaped_text.hpp"
#include "proxy/base/json_object.hpp"
#include "proxy/events/time_text.hpp"

namespace sluice::proxy::inspect {
namespace {

using binlog::EventType;
using filters::StatementKind;

constexpr std::size_t told_transactions = 5;

bool is_statement(const events::EventRecord& record, StatementKind kind) {
  const EventType type = record.seen.header.type;
  return (type == EventType::query || type == EventType::query_compressed) &&
         record.statement == kind;
}

/// It belongs to the file and to no transaction.
bool is_of_the_file(EventType type) {
  using enum EventType;
  switch (type) {
    case format_description:
    case previous_gtids:
    case gtid_list:
    case binlog_checkpoint:
    case rotate:
    case stop:
      return true;
    default:
      return false;
  }
}

/// The transaction is over with this event.
bool ends_transaction(const events::EventRecord& record) {
  using enum EventType;
  const EventType type = record.seen.header.type;
  return type == xid || type == xa_prepare || type == transaction_payload ||
         is_statement(record, StatementKind::commit);
}

}  // namespace

Summary::Summary()
    : watch_({filters::Reaction::warn, filters::Reaction::warn},
             std::make_shared<filters::OwnTableNotes>(),
             [this](const filters::TableComplaint& complaint) { note(complaint); }) {}

/// Each table once; the watch sees to it that they do not become too many.
void Summary::note(const filters::TableComplaint& complaint) {
  if (complaint.about == filters::TableNotes::About::primary_key) {
    without_key_.emplace(complaint.table);
  } else {
    engines_.emplace(complaint.table, complaint.engine);
  }
}

void Summary::begin_file() {
  ++files_;
}

void Summary::add(const events::EventRecord& record) {
  const auto& seen = record.seen;
  const std::uint64_t size = seen.header.size;
  ++all_.events;
  if (!seen.in_payload) all_.bytes += size;
  // A file may have been begun long before the events in it; a relay log, long after.
  if (const std::uint32_t time = seen.header.timestamp;
      time != 0 && !is_of_the_file(seen.header.type)) {
    first_time_ = first_time_ == 0 ? time : std::min(first_time_, time);
    last_time_ = std::max(last_time_, time);
  }
  if (seen.dropped) {
    Count& count = dropped_[seen.rule ? filters::to_string(*seen.rule) : "unused"];
    ++count.events;
    if (!seen.in_payload) count.bytes += size;
  }
  (void)watch_.see(seen);  // it only warns
  follow_transaction(record);
}

/// A group begins with its GTID, or with BEGIN where servers write none. There it may end with a
/// ROLLBACK, which is not looked for.
void Summary::follow_transaction(const events::EventRecord& record) {
  const auto& seen = record.seen;
  if (is_of_the_file(seen.header.type)) return;
  const bool gtid = is_gtid(seen.header.type);
  const bool begins = gtid || (is_statement(record, StatementKind::begin) && !seen.in_payload &&
                               current_.gtid.empty());
  if (begins) {
    end_transaction();
    current_ = {record.file, record.position, gtid ? record.gtid : "", {}};
  } else if (current_.count.events == 0) {
    return;  // between two
  }
  ++current_.count.events;
  if (!seen.in_payload) current_.count.bytes += seen.header.size;
  if (ends_transaction(record) && seen.header.type != EventType::transaction_payload &&
      current_.gtid.empty()) {
    end_transaction();
  }
}

void Summary::end_transaction() {
  if (current_.count.events == 0) return;
  ++groups_;
  largest_.push_back(std::exchange(current_, {}));
  std::ranges::stable_sort(largest_, [](const Transaction& a, const Transaction& b) {
    return a.count.bytes > b.count.bytes;
  });
  if (largest_.size() > told_transactions) largest_.pop_back();
}

void Summary::print_text(events::Output& out) const {
  const auto line = [&](std::string title, const Count& count) {
    title.resize(std::max<std::size_t>(title.size(), 26), ' ');
    out.write(title + std::to_string(count.events) + " events, " + std::to_string(count.bytes) +
              " bytes\n");
  };
  out.write("files                     " + std::to_string(files_) + "\n");
  if (first_time_ != 0) {
    out.write("time                      " + events::time_text(first_time_) + " to " +
              events::time_text(last_time_) + "\n");
  }
  out.write("transactions              " + std::to_string(groups_) + "\n");
  line("all", all_);
  Count dropped;
  for (const auto& [rule, count] : dropped_) {
    dropped.events += count.events;
    dropped.bytes += count.bytes;
  }
  line("dropped", dropped);
  for (const auto& [rule, count] : dropped_) line("  by " + std::string(rule), count);
  if (!without_key_.empty()) out.write("tables without primary key\n");
  for (const auto& name : without_key_) out.write("  " + escaped(name) + "\n");
  if (!engines_.empty()) out.write("tables of other engines than InnoDB\n");
  for (const auto& [name, engine] : engines_) {
    out.write("  " + escaped(name) + "  " + escaped(engine) + "\n");
  }
  if (!largest_.empty()) out.write("largest transactions\n");
  for (const auto& transaction : largest_) {
    out.write("  " + std::to_string(transaction.count.bytes) + " bytes, " +
              std::to_string(transaction.count.events) + " events at " + escaped(transaction.file) +
              ":" + std::to_string(transaction.position) +
              (transaction.gtid.empty() ? "" : "  " + escaped(transaction.gtid)) + "\n");
  }
}

void Summary::print_json(events::Output& out) const {
  const auto counted = [](const Count& count) {
    JsonObject object;
    object.number("events", count.events);
    object.number("bytes", count.bytes);
    return object.finish();
  };
  JsonObject rules;
  for (const auto& [rule, count] : dropped_) rules.raw(rule, counted(count));
  JsonList without_key;
  for (const auto& name : without_key_) without_key.text(name);
  JsonObject engines;
  for (const auto& [name, engine] : engines_) engines.text(name, engine);
  JsonList largest;
  for (const auto& transaction : largest_) {
    JsonObject object;
    object.text("file", transaction.file);
    object.number("position", transaction.position);
    if (!transaction.gtid.empty()) object.text("gtid", transaction.gtid);
    object.number("events", transaction.count.events);
    object.number("bytes", transaction.count.bytes);
    largest.raw(object.finish());
  }
  JsonObject line;
  line.number("files", files_);
  if (first_time_ != 0) {
    line.text("first_time", events::time_text(first_time_));
    line.text("last_time", events::time_text(last_time_));
  }
  line.number("transactions", groups_);
  line.number("events", all_.events);
  line.number("bytes", all_.bytes);
  line.raw("dropped", rules.finish());
  line.raw("tables_without_primary_key", without_key.finish());
  line.raw("tables_of_other_engines", engines.finish());
  line.raw("largest_transactions", largest.finish());
  out.write(line.finish() + "\n");
}

}  // namespace sluice::proxy::inspect

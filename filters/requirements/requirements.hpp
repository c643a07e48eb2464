// [relay.requirements] for tables: what managed replicas do not take, or take badly. Row events of
// tables without a primary key, and engines other than InnoDB.
//
// Whether a table has a primary key is in its TABLE_MAP if the master has
// binlog_row_metadata=FULL. Otherwise it is known of tables that were created or altered within the
// stream, as long as this program runs. An engine is known if CREATE TABLE or ALTER TABLE names it.
#pragma once

#include <functional>
#include <memory>

#include "filters/requirements/table_notes.hpp"
#include "filters/rules/reaction.hpp"
#include "filters/stream/event_observer.hpp"
#include "protocol/binlog/text_inflater.hpp"

namespace sluice::binlog {
struct QueryEvent;
}

namespace sluice::filters {

struct LexRules;
struct TableChange;

struct TableRequirements {
  Reaction primary_key = Reaction::warn;
  Reaction innodb = Reaction::warn;
};

/// What a warning is about.
struct TableComplaint {
  TableNotes::About about;
  std::string_view table;   ///< table_text()
  std::string_view engine;  ///< that is not InnoDB
  std::string_view file;    ///< where it was seen first
  std::uint64_t position;
};

class RequirementsWatch final : public EventObserver {
 public:
  using Warn = std::function<void(const TableComplaint&)>;

  /// `warn` is called once for each table and matter, whichever session sees it.
  RequirementsWatch(TableRequirements requirements, std::shared_ptr<TableNotes> notes, Warn warn);

  /// Whether there is anything to watch for.
  [[nodiscard]] static bool is_needed(const TableRequirements& requirements) {
    return requirements.primary_key != Reaction::ignore || requirements.innodb != Reaction::ignore;
  }

  [[nodiscard]] bool wants(binlog::EventType type) const override;
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override;
  /// A warning is not worth that an unfiltered stream is held up, or stops at max_payload.
  [[nodiscard]] bool opens_payloads() const override {
    return requirements_.primary_key == Reaction::refuse ||
           requirements_.innodb == Reaction::refuse;
  }
  [[nodiscard]] std::string see(const SeenEvent& seen) override;

 private:
  [[nodiscard]] std::string see_table_map(const SeenEvent& seen, Bytes body);
  [[nodiscard]] std::string see_statement(const SeenEvent& seen, Bytes body);
  [[nodiscard]] bool may_change_tables(const SeenEvent& seen, const LexRules& lexis,
                                       binlog::QueryEvent& query, bool& truncated);
  [[nodiscard]] std::string apply(const SeenEvent& seen, const TableChange& change);
  [[nodiscard]] std::string complain(Reaction reaction, const TableComplaint& complaint);
  void set_keyless(std::string_view name, bool keyless);

  TableRequirements requirements_;
  std::shared_ptr<TableNotes> notes_;
  Warn warn_;
  TableNames keyless_;  // as the notes have them, without the lock
  TableNames told_of_key_;
  std::string name_;
  bool changed_ = true;  // what is known of tables, since the last TABLE_MAP
  binlog::TextInflater inflater_;
};

}  // namespace sluice::filters

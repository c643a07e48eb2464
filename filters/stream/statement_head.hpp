// The events of a statement that are held until later ones have told what becomes of them.
//
// What the TABLE_MAP of a dropped table becomes depends on all the tables of its statement, and
// what a companion becomes on the statement behind it. The TABLE_MAP of a kept table is held only
// behind another event that is held.
#pragma once

#include <optional>
#include <vector>

#include "filters/stream/event_subject.hpp"
#include "filters/stream/group_state.hpp"
#include "filters/stream/no_op.hpp"

namespace sluice::filters {

class StatementHead {
 public:
  enum class Role { companion, annotation, table_map, neutral };
  enum class Fate { pass, ignorable, savepoint };
  /// Of a TABLE_MAP.
  struct Table {
    std::size_t index = 0;  ///< into the state's tables
    bool repeated = false;  ///< as in EventSubject
  };
  struct Held {
    binlog::EventHeader header;
    Role role = Role::neutral;
    Table table{};
    Fate fate = Fate::pass;
    std::optional<DropRule> rule{};  ///< unless its fate is to pass
  };

  [[nodiscard]] bool empty() const { return held_.empty(); }
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  [[nodiscard]] std::size_t size_in_bytes() const { return bytes_; }
  [[nodiscard]] const Held& operator[](std::size_t index) const { return held_[index]; }

  void hold(const binlog::EventHeader& header, Role role, Table table);
  void release();

  /// No more of the head comes: decides on its TABLE_MAPs and on their annotation, whose text may
  /// tell what must not pass. Companions and an annotation of nothing are torn off from their
  /// statement, which may have been on a dropped table: a master that dies can leave them.
  void settle(GroupState& state, bool needs_savepoints, bool annotation_may_pass);
  /// The statement of the held companions is known. A rule: it is dropped.
  void settle_companions(GroupState& state, std::optional<DropRule> rule, StatementKind kind);

  [[nodiscard]] std::optional<NoOp> no_op(std::size_t index, binlog::Checksum checksum) const;
  [[nodiscard]] EventSubject subject(std::size_t index, const GroupState& state) const;

 private:
  std::vector<Held> held_;
  std::size_t bytes_ = 0;
  std::optional<StatementKind> statement_;  // of the companions
};

}  // namespace sluice::filters

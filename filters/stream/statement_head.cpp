#include "filters/stream/statement_head.hpp"

namespace sluice::filters {

using binlog::Checksum;
using binlog::EventHeader;
using MappedTable = GroupState::MappedTable;

void StatementHead::hold(const EventHeader& header, Role role, Table table) {
  held_.push_back({header, role, table});
  bytes_ += header.size;
}

void StatementHead::release() {
  held_.clear();
  bytes_ = 0;
  statement_.reset();
}

void StatementHead::settle(GroupState& state, bool needs_savepoints, bool annotation_may_pass) {
  const auto& tables = state.tables;
  const auto first_dropped = std::ranges::find_if(tables, &MappedTable::dropped);
  const auto rule = first_dropped == tables.end() ? std::nullopt : first_dropped->rule;
  std::size_t savepoint = tables.size();
  if (state.drops_all() && needs_savepoints) {
    // Among all the maps of the statement, also those before the position where this stream began.
    const auto first = std::ranges::find(tables, true, &MappedTable::can_be_savepoint);
    savepoint = static_cast<std::size_t>(first - tables.begin());
  }
  for (Held& held : held_) {
    held.fate = Fate::pass;
    held.rule.reset();
    if (held.role == Role::companion) {
      held.fate = Fate::ignorable;
    } else if (held.role == Role::annotation) {
      if (!rule && !tables.empty() && annotation_may_pass) continue;
      held.fate = Fate::ignorable;
      held.rule = rule;
    } else if (held.role == Role::table_map && tables[held.table.index].dropped()) {
      held.fate = held.table.index == savepoint ? Fate::savepoint : Fate::ignorable;
      held.rule = tables[held.table.index].rule;
    }
  }
}

void StatementHead::settle_companions(GroupState& state, std::optional<DropRule> rule,
                                      StatementKind kind) {
  settle(state, false, false);
  statement_ = kind;
  for (Held& held : held_) {
    if (held.role != Role::companion) continue;
    held.fate = rule ? Fate::ignorable : Fate::pass;
    held.rule = rule;
  }
}

std::optional<NoOp> StatementHead::no_op(std::size_t index, Checksum checksum) const {
  const Held& held = held_[index];
  switch (held.fate) {
    case Fate::pass:
      break;
    case Fate::ignorable:
      return NoOp::ignorable(held.header, checksum);
    case Fate::savepoint:
      return NoOp::savepoint(held.header, checksum);
  }
  return std::nullopt;
}

EventSubject StatementHead::subject(std::size_t index, const GroupState& state) const {
  const Held& held = held_[index];
  switch (held.role) {
    case Role::table_map: {
      const MappedTable& table = state.tables[held.table.index];
      return {state.schema_of(table), state.name_of(table), {}, false, held.table.repeated};
    }
    case Role::companion:
      return {{}, {}, statement_};
    case Role::annotation:
    case Role::neutral:
      break;
  }
  return {};
}

}  // namespace sluice::filters

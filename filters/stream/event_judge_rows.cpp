// How the events of a row statement are judged.
#include <algorithm>

#include "filters/sql/annotation.hpp"
#include "filters/stream/event_judge.hpp"
#include "protocol/binlog/table_map.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using Decision = EventJudge::Decision;
using Judgement = EventJudge::Judgement;
using Phase = GroupState::Phase;
using Role = StatementHead::Role;

namespace {

/// An annotation that is larger is not worth being held: it is informational, so it is replaced.
constexpr std::size_t max_annotation = std::size_t{1} << 20;

/// As much of its text is judged. What names the tables stands before the values.
constexpr std::size_t max_judged = std::size_t{16} << 10;

}  // namespace

Judgement EventJudge::judge_annotation(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass_unfiltered();
  if (state_.phase == Phase::unknown) {
    // Whether the transaction has a savepoint of its own.
    if (needs_savepoints()) return Judgement::need_context();
    state_.phase = Phase::in_transaction;
  }
  if (!head_.empty()) return settle_head();
  if (header.size > max_annotation) return replace(NoOp::ignorable(header, format_.checksum));
  const auto judgement = hold(header, event, Role::annotation);
  if (judgement.decision == Decision::hold) {
    std::string_view text = as_text(body_of(header, event));
    if (header.type == binlog::EventType::rows_query)
      text.remove_prefix(std::min<std::size_t>(1, text.size()));
    annotation_ = text.substr(0, max_judged);
  }
  return judgement;
}

bool EventJudge::annotation_may_pass() const {
  if (annotation_.empty() || state_.tables.empty()) return true;
  const auto is_named = [this](const GroupState::MappedTable& table) {
    return !table.dropped() && annotation_names(annotation_, state_.name_of(table));
  };
  if (std::ranges::none_of(state_.tables, is_named)) return false;
  return !annotation_tells_of_dropped(annotation_, annotation_.size() == max_judged,
                                      state_.schema_of(state_.tables.front()), format_, rules_);
}

/// Without rules there is nothing to know about a table, only that a stream which begins with it
/// has begun within a group.
Judgement EventJudge::pass_unfiltered() {
  if (state_.phase == Phase::unknown) state_.phase = Phase::in_transaction;
  return Judgement::pass();
}

Judgement EventJudge::judge_table_map(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass_unfiltered();
  if (state_.phase == Phase::unknown) return Judgement::need_context();
  if (event.size() < header.size) {
    return header.size > max_held
               ? Judgement::undecidable("a TABLE_MAP that is too large to be judged")
               : Judgement::need_more(header.size);
  }
  const Bytes body = body_of(header, event);
  if (state_.add_again(as_text(body))) {
    const auto& table = state_.tables.front();
    if (!head_.empty()) return hold(header, event, Role::table_map, {0, true});
    return Judgement::pass({state_.schema_of(table), state_.name_of(table), {}, false, true});
  }
  if (state_.held() > max_held) {
    return Judgement::undecidable("a statement on more tables than can be remembered");
  }
  const auto map = binlog::parse_table_map(body);
  if (!map) return Judgement::undecidable("malformed TABLE_MAP");
  const bool savepoint_fits = NoOp::can_be_savepoint(header, format_.checksum);
  const auto rule = rules_.drops(map->schema, map->table);
  state_.add_table({map->table_id, rule, savepoint_fits}, map->schema, map->table);
  if (!rule) state_.remember(as_text(body));
  // One that is kept passes whatever follows it, as most do.
  if (!rule && head_.empty()) return Judgement::pass({map->schema, map->table, {}});
  return hold(header, event, Role::table_map, {state_.tables.size() - 1, false});
}

Judgement EventJudge::judge_rows(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass_unfiltered();
  if (state_.phase == Phase::unknown) return Judgement::need_context();
  if (!head_.empty()) return settle_head();
  const std::size_t wanted =
      std::min<std::size_t>(header.size, binlog::event_header_size + binlog::rows_prefix_size);
  if (event.size() < wanted) return Judgement::need_more(wanted);
  const auto rows = binlog::parse_rows_prefix(body_of(header, event));
  if (!rows) return Judgement::undecidable("malformed row event");

  Judgement judgement = Judgement::pass();
  if (rows->table_id != binlog::dummy_table_id) {
    // The last map counts, should a number have been given twice.
    const auto table =
        std::find_if(state_.tables.rbegin(), state_.tables.rend(),
                     [&](const auto& mapped) { return mapped.id == rows->table_id; });
    if (table == state_.tables.rend()) {
      return Judgement::undecidable(
          "a row event for a table number that no TABLE_MAP has announced");
    }
    if (table->dropped()) judgement = drop_rows(header, *rows);
    judgement.rule = table->rule;
    judgement.subject = {state_.schema_of(*table), state_.name_of(*table), {}};
  }
  if (rows->ends_statement()) state_.end_statement();
  return judgement;
}

Judgement EventJudge::drop_rows(const EventHeader& header, const binlog::RowsPrefix& rows) {
  const bool wholly = state_.drops_all();
  // The end of the statement must survive. MariaDB's IO thread (Rows_event_tracker) wants nothing
  // but row events up to it; MySQL's applier takes one for no table as the end in any case.
  if (!wholly && (rows.ends_statement() || format_.mariadb || replica_is_mariadb_)) {
    return replace(NoOp::rows_of_no_table(header, format_.checksum, rows.flags));
  }
  // Where no TABLE_MAP of the statement was large enough to become one.
  if (wholly && needs_savepoints() && !state_.savepoint_given &&
      std::ranges::none_of(state_.tables, &GroupState::MappedTable::can_be_savepoint)) {
    if (auto savepoint = NoOp::savepoint(header, format_.checksum)) {
      state_.savepoint_given = true;
      return replace(savepoint);
    }
  }
  return replace(NoOp::ignorable(header, format_.checksum));
}

}  // namespace sluice::filters

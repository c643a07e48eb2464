#include "filters/event_judge.hpp"

#include <algorithm>

#include "filters/statement.hpp"
#include "filters/statement_transaction.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rotate.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/table_map.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using binlog::EventType;
using Decision = EventJudge::Decision;
using Judgement = EventJudge::Judgement;
using Phase = GroupState::Phase;

namespace {

/// As much of a statement's text as is looked at first. Most are decided by their first words.
constexpr std::size_t first_look = std::size_t{64} << 10;

/// An annotation that is larger is not worth being held: it is informational, so it is replaced.
constexpr std::size_t max_annotation = std::size_t{1} << 20;

/// A heartbeat is looked into for its position. It holds a file name of 512 bytes at most.
constexpr std::size_t max_heartbeat = 1024;

/// From 8.4 on parallel appliers do not need to find a database in every transaction.
constexpr std::uint32_t first_version_without_savepoints = 80400;

Judgement pass() {
  return {Decision::pass, {}, 0, {}, {}};
}
Judgement settle() {
  return {Decision::settle, {}, 0, {}, {}};
}
Judgement need_context() {
  return {Decision::need_context, {}, 0, {}, {}};
}
Judgement need_more(std::size_t needed) {
  return {Decision::need_more, {}, needed, {}, {}};
}
Judgement undecidable(std::string_view reason, std::string_view statement = {}) {
  return {Decision::undecidable, {}, 0, reason, statement};
}

}  // namespace

Judgement EventJudge::judge(const EventHeader& header, Bytes event) {
  using enum EventType;
  if (header.size < binlog::event_header_size + binlog::checksum_size(format_.checksum)) {
    return undecidable("an event that is smaller than its header and checksum");
  }
  switch (header.type) {
    case query:
    case execute_load_query:
      return judge_query(header, event);
    case table_map:
      return judge_table_map(header, event);
    case gtid:
    case anonymous_gtid:
    case gtid_tagged:
    case mariadb_gtid:
      return judge_gtid(header, event);
    case xid:
    case xa_prepare:
      return judge_group_end(header);
    case intvar:
    case rand:
    case user_var:
    case begin_load_query:
    case append_block:
    case delete_file:
      return judge_companion(header, event);
    case rows_query:
    case annotate_rows:
      return judge_annotation(header, event);
    case format_description:
      return event.size() < header.size ? need_more(header.size) : judge_format(event);
    case rotate:
      return event.size() < header.size ? need_more(header.size) : judge_rotate(event);
    case ignorable:
      // Stands among the held ones when a relay before this one has put it there.
      return held_.empty() ? pass() : hold(header, event, Role::neutral);
    case heartbeat:
    case heartbeat_v2:
      if (const auto wanted = std::min<std::size_t>(header.size, max_heartbeat);
          event.size() < wanted) {
        return need_more(wanted);
      }
      [[fallthrough]];
    case stop:
    case incident:
    case previous_gtids:
    case transaction_context:
    case view_change:
    case binlog_checkpoint:
    case gtid_list:
    case start_encryption:
      if (!held_.empty()) settle_head();
      return held_.empty() ? pass() : settle();
    case transaction_payload:
      if (!held_.empty()) {
        settle_head();
        return settle();
      }
      end_statement();
      state_.phase = Phase::between_groups;
      return {Decision::open, {}, 0, {}, {}};
    case query_compressed:
      // MariaDB compresses nothing as short as what begins and ends transactions.
      if (!filtering_ && state_.phase == Phase::after_gtid) state_.phase = Phase::between_groups;
      break;
    default:
      break;
  }
  if (binlog::rows_layout(header.type)) return judge_rows(header, event);
  if (!filtering_) return pass();
  return undecidable("this type of event cannot be judged");
}

Judgement EventJudge::judge_format(Bytes event) {
  if (!held_.empty()) {
    settle_head();
    return settle();
  }
  auto format = binlog::parse_format_description(event);
  if (!format) return undecidable("not a format description of binlog version 4");
  const auto size_of = [&](EventType type) {
    return format->post_header_size[static_cast<std::size_t>(type)];
  };
  // Table ids of 4 bytes and the like were written by servers before 5.1.
  if (filtering_ && (size_of(EventType::query) != binlog::query_post_header_size ||
                     size_of(EventType::table_map) != 8)) {
    return undecidable("events of a layout that no server since 5.1 writes");
  }
  format_ = *std::move(format);
  return pass();
}

Judgement EventJudge::judge_rotate(Bytes event) {
  if (!held_.empty()) {
    settle_head();
    return settle();
  }
  const auto rotate = binlog::parse_rotate(event);
  if (!rotate) return undecidable("malformed ROTATE");
  // Groups do not span files, and a file begins at 4. A dump from elsewhere may begin anywhere.
  if (rotate->position == 4) {
    end_statement();
    state_.phase = Phase::between_groups;
  }
  return pass();
}

Judgement EventJudge::judge_gtid(const EventHeader& header, Bytes event) {
  if (!held_.empty()) {
    settle_head();
    return settle();
  }
  const std::size_t wanted =
      std::min<std::size_t>(header.size, binlog::event_header_size + binlog::max_gtid_prefix_size);
  if (event.size() < wanted) return need_more(wanted);
  const Bytes body = body_of(header, event);
  Phase phase = Phase::after_gtid;
  if (header.type == EventType::mariadb_gtid) {
    const auto gtid = binlog::parse_mariadb_gtid(header, body);
    if (!gtid) return undecidable("malformed GTID");
    if (!gtid->standalone()) phase = Phase::in_transaction;
    gtid_ = *gtid;
  } else if (const auto gtid = binlog::parse_gtid_event(header.type, body)) {
    gtid_ = *gtid;
  } else {
    gtid_ = {};  // nothing depends on it: the replica may judge
  }
  end_statement();
  state_.phase = phase;
  return pass();
}

Judgement EventJudge::judge_group_end(const EventHeader&) {
  if (!held_.empty()) {
    settle_head();
    return settle();
  }
  end_statement();
  state_.phase = Phase::between_groups;
  return pass();
}

Judgement EventJudge::judge_query(const EventHeader& header, Bytes event) {
  const std::size_t wanted = std::min<std::size_t>(header.size, first_look);
  if (event.size() < wanted) return need_more(wanted);
  const auto query = binlog::parse_query_event(body_of(header, event),
                                               header.type == EventType::query
                                                   ? binlog::query_post_header_size
                                                   : binlog::execute_load_post_header_size);
  if (!query) return undecidable("malformed QUERY");
  // What is too long for a first look is no transaction control.
  const auto control =
      event.size() < header.size ? TransactionControl::none : transaction_control(query->text);
  const bool of_a_transaction = control != TransactionControl::none;

  if (of_a_transaction && !held_.empty()) {
    settle_head();
    return settle();
  }
  switch (control) {
    case TransactionControl::begin:
    case TransactionControl::xa_start:
      end_statement();
      state_.phase = Phase::in_transaction;
      return pass();
    case TransactionControl::commit:
    case TransactionControl::rollback:
    case TransactionControl::xa_prepare:
    case TransactionControl::xa_commit:
    case TransactionControl::xa_rollback:
      end_statement();
      state_.phase = Phase::between_groups;
      return pass();
    case TransactionControl::rollback_to:
    case TransactionControl::savepoint:
    case TransactionControl::xa_end:
      return pass();
    case TransactionControl::none:
      break;
  }
  if (filtering_ && state_.phase == Phase::unknown) return need_context();
  return judge_statement_of(header, event, *query);
}

Judgement EventJudge::judge_statement_of(const EventHeader& header, Bytes event,
                                         const binlog::QueryEvent& query) {
  bool dropped = false;
  if (filtering_) {
    const bool truncated = event.size() < header.size;
    const StatementContext context{query.schema, query.sql_mode, query.client_charset,
                                   format_.mariadb, format_.version};
    const auto judgement = judge_statement(query.text, truncated, context, rules_);
    switch (judgement.verdict) {
      case StatementVerdict::keep:
        break;
      case StatementVerdict::drop:
        dropped = true;
        break;
      case StatementVerdict::need_more:
        if (!truncated) return undecidable("it ends in the middle", to_string(judgement.kind));
        if (event.size() >= max_held) {
          return undecidable("it is too long to be judged", to_string(judgement.kind));
        }
        return need_more(std::min<std::size_t>(header.size, event.size() * 2));
      case StatementVerdict::undecidable:
        return undecidable(judgement.reason, to_string(judgement.kind));
    }
  }
  if (!held_.empty()) {
    settle_companions(dropped ? Fate::ignorable : Fate::pass);
    return settle();
  }
  const auto judgement = dropped ? drop_query(header) : pass();
  if (state_.phase == Phase::after_gtid || state_.phase == Phase::unknown) {
    state_.phase = Phase::between_groups;
  }
  return judgement;
}

Judgement EventJudge::drop_query(const EventHeader& header) {
  if (state_.phase != Phase::in_transaction) {
    return replace(NoOp::commit(header, format_.checksum));
  }
  if (needs_savepoints()) {
    if (auto savepoint = NoOp::savepoint(header, format_.checksum)) return replace(savepoint);
  }
  return replace(NoOp::ignorable(header, format_.checksum));
}

Judgement EventJudge::judge_companion(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass();
  if (state_.phase == Phase::unknown) return need_context();
  if (header.type == EventType::delete_file) {
    // The load failed and its statement never comes: nobody needs its data.
    settle_companions(Fate::ignorable);
    return held_.empty() ? replace(NoOp::ignorable(header, format_.checksum)) : settle();
  }
  return hold(header, event, Role::companion);
}

Judgement EventJudge::judge_annotation(const EventHeader& header, Bytes event) {
  if (state_.phase == Phase::unknown) state_.phase = Phase::in_transaction;
  if (!filtering_) return pass();
  if (!held_.empty() && held_.back().role != Role::annotation) {
    settle_head();
    return settle();
  }
  if (header.size > max_annotation) return replace(NoOp::ignorable(header, format_.checksum));
  return hold(header, event, Role::annotation);
}

Judgement EventJudge::judge_table_map(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass();
  if (state_.phase == Phase::unknown) return need_context();
  if (event.size() < header.size) {
    return header.size > max_held ? undecidable("a TABLE_MAP that is too large to be judged")
                                  : need_more(header.size);
  }
  const auto map = binlog::parse_table_map(body_of(header, event));
  if (!map) return undecidable("malformed TABLE_MAP");
  const bool savepoint_fits = NoOp::savepoint(header, format_.checksum).has_value();
  state_.tables.push_back({map->table_id, rules_.drops(map->schema, map->table), savepoint_fits});
  return hold(header, event, Role::table_map, state_.tables.size() - 1);
}

Judgement EventJudge::judge_rows(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass();
  if (state_.phase == Phase::unknown) return need_context();
  if (!held_.empty()) {
    settle_head();
    return settle();
  }
  const std::size_t wanted =
      std::min<std::size_t>(header.size, binlog::event_header_size + binlog::rows_prefix_size);
  if (event.size() < wanted) return need_more(wanted);
  const auto rows = binlog::parse_rows_prefix(body_of(header, event));
  if (!rows) return undecidable("malformed row event");

  bool dropped = false;
  if (rows->table_id != binlog::dummy_table_id) {
    // The last map counts, should a number have been given twice.
    const auto table =
        std::find_if(state_.tables.rbegin(), state_.tables.rend(),
                     [&](const auto& mapped) { return mapped.id == rows->table_id; });
    if (table == state_.tables.rend()) {
      return undecidable("a row event for a table number that no TABLE_MAP has announced");
    }
    dropped = table->dropped;
  }
  const auto judgement = dropped ? drop_rows(header, rows->ends_statement()) : pass();
  if (rows->ends_statement()) end_statement();
  return judgement;
}

Judgement EventJudge::drop_rows(const EventHeader& header, bool ends_statement) {
  const bool wholly = std::ranges::all_of(state_.tables, &GroupState::MappedTable::dropped);
  // The end of the statement must survive. MariaDB's IO thread (Rows_event_tracker) wants nothing
  // but row events up to it; MySQL's applier takes one for no table as the end in any case.
  if (!wholly && (ends_statement || format_.mariadb)) {
    return replace(NoOp::rows_of_no_table(header, format_.checksum, ends_statement));
  }
  if (wholly && state_.savepoint_due) {
    if (auto savepoint = NoOp::savepoint(header, format_.checksum)) {
      state_.savepoint_due = false;
      return replace(savepoint);
    }
  }
  return replace(NoOp::ignorable(header, format_.checksum));
}

Judgement EventJudge::hold(const EventHeader& header, Bytes event, Role role, std::size_t table) {
  std::size_t size = header.size;
  for (const Held& held : held_) size += held.header.size;
  if (size > max_held) return undecidable("the head of a statement is too large to be held");
  if (event.size() < header.size) return need_more(header.size);
  held_.push_back({header, role, table, Fate::pass});
  return {Decision::hold, {}, 0, {}, {}};
}

/// The head of a row statement is complete: decides on its annotation and its TABLE_MAPs.
void EventJudge::settle_head() {
  const auto& tables = state_.tables;
  const bool any = std::ranges::any_of(tables, &GroupState::MappedTable::dropped);
  const bool wholly = any && std::ranges::all_of(tables, &GroupState::MappedTable::dropped);
  std::size_t savepoint = tables.size();
  if (wholly && needs_savepoints()) {
    // Among all the maps of the statement, also those before the position where this stream began.
    const auto first = std::ranges::find(tables, true, &GroupState::MappedTable::can_be_savepoint);
    savepoint = static_cast<std::size_t>(first - tables.begin());
    state_.savepoint_due = first == tables.end();
  }
  for (Held& held : held_) {
    switch (held.role) {
      case Role::annotation:
        held.fate = any ? Fate::ignorable : Fate::pass;
        break;
      case Role::table_map:
        held.fate = !tables[held.table].dropped ? Fate::pass
                    : held.table == savepoint   ? Fate::savepoint
                                                : Fate::ignorable;
        break;
      case Role::companion:
      case Role::neutral:
        held.fate = Fate::pass;
        break;
    }
  }
}

/// The statement of the held companions is known.
void EventJudge::settle_companions(Fate fate) {
  settle_head();
  for (Held& held : held_) {
    if (held.role == Role::companion || held.role == Role::annotation) held.fate = fate;
  }
}

void EventJudge::end_statement() {
  state_.tables.clear();
  state_.savepoint_due = false;
}

std::optional<NoOp> EventJudge::no_op_for_held(std::size_t index) const {
  const Held& held = held_[index];
  switch (held.fate) {
    case Fate::pass:
      break;
    case Fate::ignorable:
      return NoOp::ignorable(held.header, format_.checksum);
    case Fate::savepoint:
      return NoOp::savepoint(held.header, format_.checksum);
  }
  return std::nullopt;
}

Judgement EventJudge::replace(std::optional<NoOp> no_op) const {
  if (!no_op) return undecidable("no no-op fits into the event's place");
  return {Decision::replace, no_op, 0, {}, {}};
}

bool EventJudge::needs_savepoints() const {
  return !format_.mariadb && format_.version < first_version_without_savepoints;
}

Bytes EventJudge::body_of(const EventHeader& header, Bytes event) const {
  const std::size_t end =
      header.size - std::min<std::size_t>(header.size - binlog::event_header_size,
                                          binlog::checksum_size(format_.checksum));
  return event.first(std::min(event.size(), end)).subspan(binlog::event_header_size);
}

}  // namespace sluice::filters

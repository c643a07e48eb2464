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
using Role = StatementHead::Role;

namespace {

/// As much of a statement's text as is looked at first. Most are decided by their first words.
constexpr std::size_t first_look = std::size_t{64} << 10;

/// As much of a compressed text as is looked at when only transactions matter. A gtrid and a bqual
/// of XA have 64 bytes each, written as twice as many digits.
constexpr std::size_t max_control = 512;

constexpr std::string_view too_long = "it is too long to be judged";

/// An annotation that is larger is not worth being held: it is informational, so it is replaced.
constexpr std::size_t max_annotation = std::size_t{1} << 20;

/// A heartbeat is looked into for its position. It holds a file name of 512 bytes at most.
constexpr std::size_t max_heartbeat = 1024;

/// From 8.4 on parallel appliers do not need to find a database in every transaction.
constexpr std::uint32_t first_version_without_savepoints = 80400;

/// Which table the blocks are for is in the statement behind them only.
bool is_load_block(EventType type) {
  return type == EventType::begin_load_query || type == EventType::append_block;
}

Judgement pass(EventSubject subject = {}) {
  return {.decision = Decision::pass, .subject = subject};
}
Judgement settle() {
  return {.decision = Decision::settle};
}
Judgement need_context() {
  return {.decision = Decision::need_context};
}
Judgement need_more(std::size_t needed) {
  return {.decision = Decision::need_more, .needed = needed};
}
Judgement undecidable(std::string_view reason, EventSubject subject = {}) {
  return {.decision = Decision::undecidable, .subject = subject, .reason = reason};
}

}  // namespace

Judgement EventJudge::judge(const EventHeader& header, Bytes event) {
  using enum EventType;
  if (header.size < binlog::event_header_size + binlog::checksum_size(format_.checksum)) {
    return undecidable("an event that is smaller than its header and checksum");
  }
  switch (header.type) {
    case query:
    case query_compressed:
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
      return head_.empty() ? pass() : hold(header, event, Role::neutral);
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
      return head_.empty() ? pass() : settle_head();
    case transaction_payload:
      if (!head_.empty()) return settle_head();
      state_.end_statement();
      state_.phase = Phase::between_groups;
      return {.decision = Decision::open};
    default:
      break;
  }
  if (binlog::rows_layout(header.type)) return judge_rows(header, event);
  if (!filtering_) return pass();
  return undecidable("this type of event cannot be judged");
}

Judgement EventJudge::judge_format(Bytes event) {
  if (!head_.empty()) return settle_head();
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
  if (!head_.empty()) return settle_head();
  const auto rotate = binlog::parse_rotate(event);
  if (!rotate) return undecidable("malformed ROTATE");
  // Groups do not span files, and a file begins at 4. A dump from elsewhere may begin anywhere.
  if (rotate->position == 4) {
    state_.end_statement();
    state_.phase = Phase::between_groups;
  }
  return pass();
}

Judgement EventJudge::judge_gtid(const EventHeader& header, Bytes event) {
  if (!head_.empty()) return settle_head();
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
  state_.end_statement();
  state_.phase = phase;
  return pass();
}

Judgement EventJudge::judge_group_end(const EventHeader&) {
  if (!head_.empty()) return settle_head();
  state_.end_statement();
  state_.phase = Phase::between_groups;
  return pass();
}

Judgement EventJudge::judge_query(const EventHeader& header, Bytes event) {
  const std::size_t wanted = std::min<std::size_t>(header.size, first_look);
  if (event.size() < wanted) return need_more(wanted);
  auto query =
      binlog::parse_query_event(body_of(header, event), header.type == EventType::execute_load_query
                                                            ? binlog::execute_load_post_header_size
                                                            : binlog::query_post_header_size);
  if (!query) return undecidable("malformed QUERY");
  const bool truncated = event.size() < header.size;
  return header.type == EventType::query_compressed ? judge_compressed(header, event, *query)
                                                    : judge_text(header, event, *query, truncated);
}

/// Inflates as much of the statement as it takes to judge it.
Judgement EventJudge::judge_compressed(const EventHeader& header, Bytes event,
                                       binlog::QueryEvent query) {
  const Bytes record = as_bytes(query.text);
  for (std::size_t limit = filtering_ ? first_look : max_control;; limit *= 2) {
    const auto inflated = inflater_.inflate(record, event.size() < header.size, limit);
    if (!inflated) return undecidable("malformed QUERY_COMPRESSED");
    query.text = as_text(inflated->text);
    auto judgement = judge_text(header, event, query, !inflated->whole);
    if (judgement.decision != Decision::need_more || inflated->starved) return judgement;
    if (limit >= max_held) return undecidable(too_long, judgement.subject);
  }
}

Judgement EventJudge::judge_text(const EventHeader& header, Bytes event,
                                 const binlog::QueryEvent& query, bool truncated) {
  // What is too long for a first look is no transaction control.
  const auto control = truncated ? TransactionControl::none : transaction_control(query.text);
  if (control != TransactionControl::none && !head_.empty()) return settle_head();
  switch (control) {
    case TransactionControl::begin:
    case TransactionControl::xa_start:
      state_.end_statement();
      state_.phase = Phase::in_transaction;
      return pass();
    case TransactionControl::commit:
    case TransactionControl::rollback:
    case TransactionControl::xa_prepare:
    case TransactionControl::xa_commit:
    case TransactionControl::xa_rollback:
      state_.end_statement();
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
  return judge_statement_of(header, event, query, truncated);
}

Judgement EventJudge::judge_statement_of(const EventHeader& header, Bytes event,
                                         const binlog::QueryEvent& query, bool truncated) {
  StatementJudgement statement{StatementVerdict::keep};
  EventSubject subject;
  if (filtering_) {
    const StatementContext context{query.schema,    query.sql_mode,  query.client_charset,
                                   format_.mariadb, format_.version, query.updated_tables};
    statement = judge_statement(query.text, truncated, context, rules_);
    subject.statement = statement.kind;
    subject.mixed = statement.mixed;
    if (statement.verdict == StatementVerdict::undecidable) {
      return undecidable(statement.reason, subject);
    }
    if (statement.verdict == StatementVerdict::need_more) {
      if (!truncated) return undecidable("it ends in the middle", subject);
      if (event.size() >= max_held) return undecidable(too_long, subject);
      Judgement more = need_more(std::min<std::size_t>(header.size, event.size() * 2));
      more.subject = subject;
      return more;
    }
  }
  const bool dropped = statement.verdict == StatementVerdict::drop;
  if (!head_.empty()) {
    head_.settle_companions(state_, statement.rule, statement.kind);
    return settle();
  }
  auto judgement = dropped ? drop_query(header) : pass();
  judgement.rule = statement.rule;
  judgement.subject = subject;
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
    if (head_.empty()) return replace(NoOp::ignorable(header, format_.checksum));
    head_.drop_companions(state_);
    return settle();
  }
  return hold(header, event, Role::companion);
}

Judgement EventJudge::judge_annotation(const EventHeader& header, Bytes event) {
  if (state_.phase == Phase::unknown) state_.phase = Phase::in_transaction;
  if (!filtering_) return pass();
  if (!head_.empty() && !head_.ends_in_annotation()) return settle_head();
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
  state_.add_table({map->table_id, rules_.drops(map->schema, map->table), savepoint_fits},
                   map->schema, map->table);
  return hold(header, event, Role::table_map, state_.tables.size() - 1);
}

Judgement EventJudge::judge_rows(const EventHeader& header, Bytes event) {
  if (!filtering_) return pass();
  if (state_.phase == Phase::unknown) return need_context();
  if (!head_.empty()) return settle_head();
  const std::size_t wanted =
      std::min<std::size_t>(header.size, binlog::event_header_size + binlog::rows_prefix_size);
  if (event.size() < wanted) return need_more(wanted);
  const auto rows = binlog::parse_rows_prefix(body_of(header, event));
  if (!rows) return undecidable("malformed row event");

  Judgement judgement = pass();
  if (rows->table_id != binlog::dummy_table_id) {
    // The last map counts, should a number have been given twice.
    const auto table =
        std::find_if(state_.tables.rbegin(), state_.tables.rend(),
                     [&](const auto& mapped) { return mapped.id == rows->table_id; });
    if (table == state_.tables.rend()) {
      return undecidable("a row event for a table number that no TABLE_MAP has announced");
    }
    if (table->dropped()) judgement = drop_rows(header, rows->ends_statement());
    judgement.rule = table->rule;
    judgement.subject = {state_.schema_of(*table), state_.name_of(*table), {}};
  }
  if (rows->ends_statement()) state_.end_statement();
  return judgement;
}

Judgement EventJudge::drop_rows(const EventHeader& header, bool ends_statement) {
  const bool wholly = state_.drops_all();
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
  if (head_.size_in_bytes() + header.size > max_held) {
    return undecidable(is_load_block(header.type)
                           ? "LOAD DATA in statement format with more than 16 MiB of data"
                           : "the head of a statement is too large to be held");
  }
  if (event.size() < header.size) return need_more(header.size);
  head_.hold(header, role, table);
  return {.decision = Decision::hold};
}

/// The head of a row statement is complete: what becomes of it is decided, then it may go.
Judgement EventJudge::settle_head() {
  head_.settle(state_, needs_savepoints());
  return settle();
}

Judgement EventJudge::judgement_of_held(std::size_t index) const {
  const StatementHead::Held& held = head_[index];
  const EventSubject subject = head_.subject(index, state_);
  if (held.fate == StatementHead::Fate::pass) return pass(subject);
  Judgement judgement = replace(head_.no_op(index, format_.checksum));
  judgement.rule = held.rule;
  judgement.subject = subject;
  return judgement;
}

Judgement EventJudge::replace(std::optional<NoOp> no_op) {
  if (!no_op) return undecidable("no no-op fits into the event's place");
  return {.decision = Decision::replace, .no_op = no_op};
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

#include "filters/stream/event_judge.hpp"

#include <algorithm>

#include "protocol/binlog/file_check.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rotate.hpp"
#include "protocol/binlog/rows_event.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using binlog::EventType;
using Decision = EventJudge::Decision;
using Judgement = EventJudge::Judgement;
using Phase = GroupState::Phase;
using Role = StatementHead::Role;

namespace {

/// A heartbeat is looked into for its position, a ROTATE for the next file. They hold a file name
/// of 512 bytes at most; a FORMAT_DESCRIPTION has some 300 bytes.
constexpr std::size_t largest_control_event = 1024;

/// MySQL 9.7 has no replica_parallel_type = DATABASE any more (removed in 9.5), whose workers need
/// to find a database in every transaction.
constexpr std::uint32_t first_version_without_savepoints = 90500;

/// Which table the blocks are for is in the statement behind them only.
bool is_load_block(EventType type) {
  return type == EventType::begin_load_query || type == EventType::append_block;
}

}  // namespace

Judgement EventJudge::judge(const EventHeader& header, Bytes event) {
  using enum EventType;
  if (header.size < binlog::event_header_size + binlog::checksum_size(format_.checksum)) {
    return Judgement::undecidable("an event that is smaller than its header and checksum");
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
      return judge_group_end();
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
    case rotate:
      if (header.size > largest_control_event)
        return Judgement::undecidable("an event that is too large");
      if (event.size() < header.size) return Judgement::need_more(header.size);
      return header.type == rotate ? judge_rotate(header, event) : judge_format(event);
    case ignorable:
      // Stands among the held ones when a relay before this one has put it there.
      return head_.empty() ? Judgement::pass() : hold(header, event, Role::neutral);
    case heartbeat:
    case heartbeat_v2:
      if (const auto wanted = std::min<std::size_t>(header.size, largest_control_event);
          event.size() < wanted) {
        return Judgement::need_more(wanted);
      }
      // Nor do those tear a statement apart that a relay before this one sends while it holds one.
      return head_.empty() ? Judgement::pass() : hold(header, event, Role::neutral);
    case stop:
    case incident:
    case previous_gtids:
    case transaction_context:
    case view_change:
    case binlog_checkpoint:
    case gtid_list:
    case start_encryption:
      return head_.empty() ? Judgement::pass() : settle_head();
    case transaction_payload:
      if (!head_.empty()) return settle_head();
      state_.enter(Phase::between_groups);
      return {.decision = Decision::open};
    default:
      break;
  }
  if (binlog::rows_layout(header.type)) return judge_rows(header, event);
  if (!filtering_) return Judgement::pass();
  // So MySQL marks what servers that do not know it leave out (Log_event::read_log_event).
  const bool leaves_out = !format_.mariadb && (header.flags & binlog::event_flag::ignorable) != 0;
  if (leaves_out && head_.empty()) return replace(NoOp::ignorable(header, format_.checksum));
  return Judgement::undecidable("this type of event cannot be judged");
}

Judgement EventJudge::judge_format(Bytes event) {
  if (!head_.empty()) return settle_head();
  auto format = binlog::parse_format_description(event);
  if (!format) return Judgement::undecidable("not a format description of binlog version 4");
  const auto size_of = [&](EventType type) {
    return format->post_header_size[static_cast<std::size_t>(type)];
  };
  // Table ids of 4 bytes and the like were written by servers before 5.1.
  if (filtering_ && (size_of(EventType::query) != binlog::query_post_header_size ||
                     size_of(EventType::table_map) != 8)) {
    return Judgement::undecidable("events of a layout that no server since 5.1 writes");
  }
  format_ = *std::move(format);
  return Judgement::pass();
}

Judgement EventJudge::judge_rotate(const EventHeader& header, Bytes event) {
  if (!head_.empty()) return settle_head();
  const auto rotate = binlog::parse_rotate(event);
  if (!rotate) return Judgement::undecidable("malformed ROTATE");
  // Groups do not span files. A dump from elsewhere may begin anywhere, and a relay log may end
  // anywhere.
  if (rotate->position == binlog::file_magic_size &&
      (header.flags & binlog::event_flag::relay_log) == 0) {
    state_.enter(Phase::between_groups);
  }
  return Judgement::pass();
}

Judgement EventJudge::judge_gtid(const EventHeader& header, Bytes event) {
  if (!head_.empty()) return settle_head();
  const std::size_t wanted =
      std::min<std::size_t>(header.size, binlog::event_header_size + binlog::max_gtid_prefix_size);
  if (event.size() < wanted) return Judgement::need_more(wanted);
  const Bytes body = body_of(header, event);
  Phase phase = Phase::after_gtid;
  if (header.type == EventType::mariadb_gtid) {
    const auto gtid = binlog::parse_mariadb_gtid(header, body);
    if (!gtid) return Judgement::undecidable("malformed GTID");
    if (!gtid->standalone()) phase = Phase::in_transaction;
    gtid_ = *gtid;
  } else if (const auto gtid = binlog::parse_gtid_event(header.type, body)) {
    gtid_ = *gtid;
  } else {
    gtid_ = {};  // nothing depends on it: the replica may judge
  }
  state_.enter(phase);
  return Judgement::pass();
}

Judgement EventJudge::judge_group_end() {
  if (!head_.empty()) return settle_head();
  state_.enter(Phase::between_groups);
  return Judgement::pass();
}

Judgement EventJudge::judge_companion(const EventHeader& header, Bytes event) {
  if (!filtering_) return Judgement::pass();
  if (state_.phase == Phase::unknown) return Judgement::need_context();
  if (header.type == EventType::delete_file) {
    // The load failed and its statement never comes: nobody needs its data.
    if (head_.empty()) return replace(NoOp::ignorable(header, format_.checksum));
    return settle_head();
  }
  return hold(header, event, Role::companion);
}

Judgement EventJudge::hold(const EventHeader& header, Bytes event, Role role,
                           StatementHead::Table table) {
  if (head_.size_in_bytes() + header.size > max_held) {
    return Judgement::undecidable(
        is_load_block(header.type) ? "LOAD DATA in statement format with more than 16 MiB of data"
                                   : "the head of a statement is too large to be held");
  }
  if (event.size() < header.size) return Judgement::need_more(header.size);
  head_.hold(header, role, table);
  return {.decision = Decision::hold};
}

/// No more of the head comes: what becomes of it is decided, then it may go.
Judgement EventJudge::settle_head() {
  head_.settle(state_, needs_savepoints(), annotation_may_pass());
  return Judgement::settle();
}

Judgement EventJudge::judgement_of_held(std::size_t index) {
  const StatementHead::Held& held = head_[index];
  const EventSubject subject = head_.subject(index, state_);
  if (held.fate == StatementHead::Fate::pass) return Judgement::pass(subject);
  Judgement judgement = replace(head_.no_op(index, format_.checksum));
  judgement.rule = held.rule;
  judgement.subject = subject;
  return judgement;
}

Judgement EventJudge::replace(std::optional<NoOp> no_op) {
  if (!no_op) return Judgement::undecidable("no no-op fits into the event's place");
  no_op_ = no_op;
  return {.decision = Decision::replace};
}

/// A transaction that has set one by itself needs no other, which might take its place.
bool EventJudge::needs_savepoints() const {
  return !format_.mariadb && format_.version < first_version_without_savepoints &&
         !state_.has_savepoints;
}

}  // namespace sluice::filters

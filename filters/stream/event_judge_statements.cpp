// How a statement is judged: QUERY, QUERY_COMPRESSED and EXECUTE_LOAD_QUERY.
#include <algorithm>

#include "filters/sql/statement.hpp"
#include "filters/sql/statement_transaction.hpp"
#include "filters/stream/event_judge.hpp"
#include "protocol/binlog/query_event.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using binlog::EventType;
using Decision = EventJudge::Decision;
using Judgement = EventJudge::Judgement;
using Phase = GroupState::Phase;

namespace {

/// As much of a statement's text as is looked at first. Most are decided by their first words.
constexpr std::size_t first_look = std::size_t{64} << 10;

/// As much of a compressed text as is looked at when only transactions matter. A gtrid and a bqual
/// of XA have 64 bytes each, written as twice as many digits.
constexpr std::size_t max_control = 512;

constexpr std::string_view malformed = "malformed QUERY";
constexpr std::string_view too_long = "it is too long to be judged";

/// So that nobody has to read it again who only wants to know what it is.
EventSubject subject_of(TransactionControl control) {
  EventSubject subject;
  if (control == TransactionControl::begin) subject.statement = StatementKind::begin;
  if (control == TransactionControl::commit) subject.statement = StatementKind::commit;
  return subject;
}

}  // namespace

Judgement EventJudge::judge_query(const EventHeader& header, Bytes event) {
  const std::size_t wanted = std::min<std::size_t>(header.size, first_look);
  if (event.size() < wanted) return Judgement::need_more(wanted);
  auto query =
      binlog::parse_query_event(body_of(header, event), binlog::post_header_size_of(header.type));
  if (!query) return Judgement::undecidable(malformed);
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
    if (!inflated) return Judgement::undecidable("malformed QUERY_COMPRESSED");
    query.text = as_text(inflated->text);
    auto judgement = judge_text(header, event, query, !inflated->whole);
    if (judgement.decision != Decision::need_more || inflated->starved) return judgement;
    if (limit >= max_held) return Judgement::undecidable(too_long, judgement.subject);
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
      state_.enter(Phase::in_transaction);
      return Judgement::pass(subject_of(control));
    case TransactionControl::commit:
    case TransactionControl::rollback:
    case TransactionControl::xa_prepare:
    case TransactionControl::xa_commit:
    case TransactionControl::xa_rollback:
      state_.enter(Phase::between_groups);
      return Judgement::pass(subject_of(control));
    case TransactionControl::savepoint:
      state_.has_savepoints = true;
      return Judgement::pass();
    case TransactionControl::rollback_to:
    case TransactionControl::xa_end:
      return Judgement::pass();
    case TransactionControl::none:
      break;
  }
  if (filtering_ && state_.phase == Phase::unknown) return Judgement::need_context();
  return judge_statement_of(header, event, query, truncated);
}

Judgement EventJudge::judge_statement_of(const EventHeader& header, Bytes event,
                                         const binlog::QueryEvent& query, bool truncated) {
  StatementJudgement statement{StatementVerdict::keep};
  EventSubject subject;
  if (filtering_) {
    const auto context = context_of(query, format_);
    if (!context) return Judgement::undecidable(malformed);
    statement = judge_statement(query.text, truncated, *context, rules_);
    subject.statement = statement.kind;
    subject.mixed = statement.mixed;
    if (statement.verdict == StatementVerdict::undecidable) {
      return Judgement::undecidable(statement.reason, subject);
    }
    if (statement.verdict == StatementVerdict::need_more) {
      if (!truncated) return Judgement::undecidable("it ends in the middle", subject);
      if (event.size() >= max_held) return Judgement::undecidable(too_long, subject);
      Judgement more = Judgement::need_more(std::min<std::size_t>(header.size, event.size() * 2));
      more.subject = subject;
      return more;
    }
  }
  const bool dropped = statement.verdict == StatementVerdict::drop;
  if (!head_.empty()) {
    head_.settle_companions(state_, statement.rule, statement.kind);
    return Judgement::settle();
  }
  auto judgement = dropped ? drop_query(header) : Judgement::pass();
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

}  // namespace sluice::filters

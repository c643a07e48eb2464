// What becomes of each event of a stream: it passes, it is replaced by a no-op, or it is held until
// later events have told.
//
// A stream is a sequence of groups (sql/rpl_source.cc sends them, sql/log_event.cc,
// Log_event::starts_group and ends_group, recognises them):
//
//   MySQL    group       = [GTID] (transaction | standalone | TRANSACTION_PAYLOAD)
//            transaction = QUERY(BEGIN | XA START) statement*
//                          (XID | QUERY(COMMIT | ROLLBACK) | XA_PREPARE)
//   MariaDB  group       = GTID(not standalone) statement* (XID | QUERY(COMMIT | ..) | XA_PREPARE)
//                        | GTID(standalone) standalone
//   both     standalone  = companion* QUERY
//            statement   = companion* (QUERY | EXECUTE_LOAD_QUERY)
//                        | [ROWS_QUERY | ANNOTATE_ROWS] TABLE_MAP+ ROWS* ROWS(STMT_END)
//            companion   = INTVAR | RAND | USER_VAR | BEGIN_LOAD_QUERY | APPEND_BLOCK
//
// What the TABLE_MAP of a dropped table becomes depends on all the tables of its statement, and
// what a companion becomes on the statement behind it: these, the head of a statement, are held,
// and what follows them within it.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "filters/rules/table_rules.hpp"
#include "filters/sql/statement.hpp"
#include "filters/stream/group_state.hpp"
#include "filters/stream/statement_head.hpp"
#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/gtid_event.hpp"
#include "protocol/binlog/mariadb_gtid.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/text_inflater.hpp"

namespace sluice::binlog {
struct QueryEvent;
}

namespace sluice::filters {

class EventJudge {
 public:
  enum class Decision {
    pass,
    replace,       ///< by no_op()
    open,          ///< a TRANSACTION_PAYLOAD: what becomes of it depends on what is in it
    hold,          ///< together with those held before
    settle,        ///< apply the fates of the held events, call release_held(), ask again
    need_more,     ///< ask again when `needed` bytes of the event are there
    need_context,  ///< the stream began within a group: adopt() the state there, ask again
    undecidable,   ///< `reason`: the stream must not go on
  };
  struct Judgement {
    Decision decision;
    std::optional<DropRule> rule{};  ///< why it is replaced, unless there is no use for it
    EventSubject subject{};
    std::size_t needed = 0;
    std::string_view reason{};  ///< a constant, never a part of the event

    static Judgement pass(EventSubject subject = {}) {
      return {.decision = Decision::pass, .subject = subject};
    }
    static Judgement settle() { return {.decision = Decision::settle}; }
    static Judgement need_context() { return {.decision = Decision::need_context}; }
    static Judgement need_more(std::size_t needed) {
      return {.decision = Decision::need_more, .needed = needed};
    }
    static Judgement undecidable(std::string_view reason, EventSubject subject = {}) {
      return {.decision = Decision::undecidable, .subject = subject, .reason = reason};
    }

    /// What kind of statement the event is or belongs to, when it is known; else empty.
    [[nodiscard]] std::string_view statement() const {
      return subject.statement ? to_string(*subject.statement) : std::string_view{};
    }
  };

  /// Events that must be held or seen as a whole may have this many bytes together.
  static constexpr std::size_t max_held = std::size_t{16} << 20;

  explicit EventJudge(const TableRules& rules, bool replica_is_mariadb = false)
      : rules_(rules),
        filtering_(!rules.drops_nothing()),
        replica_is_mariadb_(replica_is_mariadb) {}

  /// `event` holds the first bytes of the event, at least its header.
  [[nodiscard]] Judgement judge(const binlog::EventHeader& header, Bytes event);

  /// The held events' fates, oldest first, valid after a judgement of `settle`: `pass` or
  /// `replace`.
  [[nodiscard]] Judgement judgement_of_held(std::size_t index);
  void release_held() {
    head_.release();
    annotation_.clear();
  }
  /// What stands in the event's place, if that was the last judgement.
  [[nodiscard]] const NoOp& no_op() const { return *no_op_; }

  /// Whether a replica that has all that was decided on so far stands between two groups, as far
  /// as can be told.
  [[nodiscard]] bool at_group_border() const {
    return head_.empty() && (state_.phase == GroupState::Phase::between_groups ||
                             state_.phase == GroupState::Phase::unknown);
  }
  /// The state behind the last event judged, as a stream that begins there needs it.
  [[nodiscard]] const GroupState& state() const { return state_; }
  void adopt(GroupState state) { state_ = std::move(state); }
  /// The events of a TRANSACTION_PAYLOAD follow, which is a whole transaction behind its GTID.
  void begin_payload(const binlog::FormatDescription& format) {
    format_ = format;
    state_.phase = GroupState::Phase::after_gtid;
  }

  [[nodiscard]] const binlog::FormatDescription& format() const { return format_; }

  /// Of the group under way, or else of the last one; none before the first and without GTIDs.
  using GroupGtid = std::variant<std::monostate, binlog::Gtid, binlog::MariadbGtid>;
  [[nodiscard]] const GroupGtid& last_gtid() const { return gtid_; }

 private:
  Judgement judge_format(Bytes event);
  Judgement judge_rotate(const binlog::EventHeader& header, Bytes event);
  Judgement judge_gtid(const binlog::EventHeader& header, Bytes event);
  Judgement judge_query(const binlog::EventHeader& header, Bytes event);
  Judgement judge_compressed(const binlog::EventHeader& header, Bytes event,
                             binlog::QueryEvent query);
  Judgement judge_text(const binlog::EventHeader& header, Bytes event,
                       const binlog::QueryEvent& query, bool truncated);
  Judgement judge_statement_of(const binlog::EventHeader& header, Bytes event,
                               const binlog::QueryEvent& query, bool truncated);
  Judgement pass_unfiltered();
  Judgement judge_table_map(const binlog::EventHeader& header, Bytes event);
  Judgement judge_rows(const binlog::EventHeader& header, Bytes event);
  Judgement judge_annotation(const binlog::EventHeader& header, Bytes event);
  Judgement judge_companion(const binlog::EventHeader& header, Bytes event);
  Judgement judge_group_end();

  Judgement settle_head();
  [[nodiscard]] bool annotation_may_pass() const;
  Judgement hold(const binlog::EventHeader& header, Bytes event, StatementHead::Role role,
                 StatementHead::Table table = {});
  Judgement drop_rows(const binlog::EventHeader& header, const binlog::RowsPrefix& rows);
  Judgement drop_query(const binlog::EventHeader& header);
  [[nodiscard]] Judgement replace(std::optional<NoOp> no_op);
  [[nodiscard]] bool needs_savepoints() const;
  [[nodiscard]] Bytes body_of(const binlog::EventHeader& header, Bytes event) const {
    return binlog::event_body(header, event, format_.checksum);
  }

  const TableRules& rules_;
  const bool filtering_;
  const bool replica_is_mariadb_;
  binlog::FormatDescription format_;
  GroupState state_;
  GroupGtid gtid_;
  StatementHead head_;
  std::string annotation_;  ///< as much of the held one's text as is judged
  std::optional<NoOp> no_op_;
  binlog::TextInflater inflater_;
};

}  // namespace sluice::filters

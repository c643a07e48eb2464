// Transaction control in QUERY events, recognised as the servers' appliers recognise it.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::filters {

enum class TransactionControl : std::uint8_t {
  none,  ///< any other statement
  begin,
  commit,
  rollback,
  rollback_to,  ///< ROLLBACK TO SAVEPOINT: the transaction goes on
  savepoint,    ///< SAVEPOINT and RELEASE SAVEPOINT
  xa_start,
  xa_end,
  xa_prepare,
  xa_commit,
  xa_rollback,
};

/// What the text is, by its first letters. BEGIN and COMMIT are exact, as the servers write them
/// themselves; the rest is taken in any case. A COMMIT with a comment behind it is no end of a
/// group but a statement of its own (sql/log_event.h, Query_log_event::starts_group, ends_group,
/// is_trans_keyword; MariaDB: is_begin, is_commit, is_rollback).
[[nodiscard]] TransactionControl transaction_control(std::string_view text);

}  // namespace sluice::filters

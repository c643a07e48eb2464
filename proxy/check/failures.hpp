// What to do about a server that does not let in, or does not answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/check/requirement.hpp"
#include "proxy/master/master_failure.hpp"
#include "proxy/master/master_target.hpp"

namespace sluice::proxy::check {

/// Whether the schema, the table or a column may not be read.
[[nodiscard]] bool is_denied(const QueryError& error);

/// The login at the master as `user` (--as), which has failed; the relay's own has not.
[[nodiscard]] Requirement judge_other_login(std::string_view user, const MasterFailure& failure);

/// The login at the replica (--replica), which has failed.
[[nodiscard]] Requirement judge_replica_login(const MasterTarget& replica,
                                              const MasterFailure& failure);

/// The options for the replica's TLS that make no context: `error` says why.
[[nodiscard]] Requirement judge_replica_tls(std::string error);

/// A question of that subject, which the server has not answered. `seer_account`: how an account
/// that may ask it is made.
[[nodiscard]] Requirement judge_unanswered(std::string name, const QueryError& error,
                                           const std::vector<std::string>& seer_account);

}  // namespace sluice::proxy::check

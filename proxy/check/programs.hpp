// Views, routines, triggers and events: who they run as, and whether they run twice.
#pragma once

#include <optional>

#include "proxy/check/cloud.hpp"
#include "proxy/check/schema_facts.hpp"

namespace sluice::proxy::check {

/// What the replica has; all of it is unknown without one.
struct ReplicaPrograms {
  std::optional<Accounts> accounts;
  std::optional<std::vector<ProgramFacts>> programs;
};

/// `replica` may be null.
[[nodiscard]] Findings judge_programs(const std::vector<ProgramFacts>& programs,
                                      const ServerFacts& master, const ServerFacts* replica,
                                      const ReplicaPrograms& there, const CloudRules& cloud);

/// Users of the master that the replica lacks, as a to-do without passwords. `listed`: name each
/// with its CREATE USER statement.
[[nodiscard]] Requirement judge_accounts(const Accounts& accounts,
                                         const std::optional<Accounts>& there,
                                         std::string_view relay_user, bool listed,
                                         const CloudRules& cloud);

}  // namespace sluice::proxy::check

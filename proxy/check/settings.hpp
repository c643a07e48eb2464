// Settings that must fit on both sides, beside those of the binlog.
#pragma once

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

/// What is asked of the replica for one setting of the master's.
struct SettingFacts {
  std::optional<bool> replica_knows_time_zone;  ///< the master's time_zone; nullopt: not asked
  std::optional<bool> replica_knows_collation = std::nullopt;  ///< its collation_server
};

/// `replica` may be null, or know its version only.
[[nodiscard]] Findings judge_settings(const ServerFacts& master, const ServerFacts* replica,
                                      const SettingFacts& facts, const CloudRules& cloud);

/// Whether the value of time_zone is a name, which is looked up in the mysql schema: not SYSTEM,
/// not "+02:00".
[[nodiscard]] bool is_named_time_zone(std::string_view value);

}  // namespace sluice::proxy::check

// What the master writes into its binlog, and how long it keeps it.
#pragma once

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

/// `replica` may be null, or know its version only.
[[nodiscard]] Requirements judge_binlog(const ServerFacts& master, const ServerFacts* replica,
                                        const CloudRules& cloud);

/// Hours until the master purges a file; nullopt: it never does.
[[nodiscard]] std::optional<double> retention_hours(const ServerFacts& master);

}  // namespace sluice::proxy::check

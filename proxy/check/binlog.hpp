// What the master writes into its binlog, and how long it keeps it.
#pragma once

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

/// What the variables do not tell; nullopt: the account may not see it.
struct BinlogFacts {
  std::optional<bool> is_replica;  ///< the master has a master of its own
  std::optional<std::string> do_db;
  std::optional<std::string> ignore_db;
  std::string account;  ///< who has asked, "relay@%"; empty: not known
};

/// `replica` may be null, or know its version only.
[[nodiscard]] Findings judge_binlog(const ServerFacts& master, const ServerFacts* replica,
                                    const BinlogFacts& facts, const CloudRules& cloud);

/// Asks SHOW REPLICA STATUS and SHOW BINARY LOG STATUS.
[[nodiscard]] BinlogFacts look_at_binlog(SqlClient& client, const ServerFacts& master);

/// Hours until the master purges a file; nullopt: it never does.
[[nodiscard]] std::optional<double> retention_hours(const ServerFacts& master);

}  // namespace sluice::proxy::check

// Whether a replica can log in to Sluice with what [relay.replica] has.
#pragma once

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"
#include "proxy/config.hpp"

namespace sluice::proxy::check {

/// Why the replica never gets in as that user: a sentence. Empty: nothing is against it. `replica`
/// may be null.
[[nodiscard]] std::string why_no_login(const auth::Account& user, const ServerFacts* replica,
                                       const CloudRules& cloud, const ReplicaTls& tls);

/// `replica` may be null.
[[nodiscard]] Requirements judge_replica_users(const ReplicaConfig& config,
                                               const ServerFacts* replica, const CloudRules& cloud);

}  // namespace sluice::proxy::check

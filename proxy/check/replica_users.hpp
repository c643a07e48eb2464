// Whether a replica can log in to Sluice with what [relay.replica] has.
#pragma once

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy::check {

/// Why the replica never gets in as that user: a sentence. Empty: nothing is against it. `replica`
/// may be null.
[[nodiscard]] std::string why_no_login(const auth::Account& user, const ServerFacts* replica,
                                       const CloudRules& cloud, const ReplicaTls& tls);

/// Why a service's replicas cannot show what client_ca demands: a sentence. Empty: they can.
[[nodiscard]] std::string why_no_certificate(const ReplicaTls& tls, const CloudRules& cloud);

/// `replica` may be null.
[[nodiscard]] Findings judge_replica_users(const ReplicaConfig& config, const ServerFacts* replica,
                                           const CloudRules& cloud);

}  // namespace sluice::proxy::check

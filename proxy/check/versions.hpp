// The versions of both servers.
#pragma once

#include "filters/reaction.hpp"
#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

/// `replica` may be null. `same_version`: what [relay.requirements] says; what the relay refuses is
/// a failure.
[[nodiscard]] Requirements judge_versions(const ServerFacts& master, const ServerFacts* replica,
                                          filters::Reaction same_version, const CloudRules& cloud);

}  // namespace sluice::proxy::check

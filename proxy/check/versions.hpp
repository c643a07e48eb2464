// The versions of both servers.
#pragma once

#include "filters/rules/reaction.hpp"
#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy::check {

/// `replica` may be null. `required`: of [relay.requirements]; what the relay refuses is a failure.
[[nodiscard]] Findings judge_versions(const ServerFacts& master, const ServerFacts* replica,
                                      const Requirements& required, const CloudRules& cloud);

/// Of that, whether both are of one release series.
[[nodiscard]] Requirement judge_same_version(const ServerFacts& master, const ServerFacts* replica,
                                             filters::Reaction reaction);

}  // namespace sluice::proxy::check

// The versions of both servers.
#pragma once

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

/// `replica` may be null.
[[nodiscard]] Requirements judge_versions(const ServerFacts& master, const ServerFacts* replica,
                                          const CloudRules& cloud);

}  // namespace sluice::proxy::check

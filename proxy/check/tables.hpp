// The tables and schemas that replicas will hold.
#pragma once

#include "filters/requirements/requirements.hpp"
#include "proxy/check/cloud.hpp"
#include "proxy/check/schema_facts.hpp"

namespace sluice::proxy::check {

/// `required`: by [relay.requirements]; what the relay refuses is a failure whatever the cloud
/// says. `replica` may be null.
[[nodiscard]] Findings judge_tables(const SchemaFacts& schemas, const ServerFacts& master,
                                    const ServerFacts* replica,
                                    const filters::TableRequirements& required,
                                    const CloudRules& cloud);

}  // namespace sluice::proxy::check

// The tables and schemas that replicas will hold.
#pragma once

#include "filters/rules/reaction.hpp"
#include "proxy/check/cloud.hpp"
#include "proxy/check/schema_facts.hpp"

namespace sluice::proxy::check {

/// What [relay.requirements] says: what the relay refuses is a failure whatever the cloud says.
struct TableReactions {
  filters::Reaction primary_key = filters::Reaction::warn;
  filters::Reaction innodb = filters::Reaction::warn;
};

/// `replica` may be null.
[[nodiscard]] Requirements judge_tables(const SchemaFacts& schemas, const ServerFacts& master,
                                        const ServerFacts* replica, const TableReactions& reactions,
                                        const CloudRules& cloud);

}  // namespace sluice::proxy::check

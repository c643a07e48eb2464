// What /api/v1/config says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proxy/replica/relay.hpp"

namespace sluice::proxy::admin {

/// What runs now, with all defaults filled in, in the structure of the configuration file; without
/// passwords, tokens and hashes.
[[nodiscard]] std::string config_json(const AdminConfig& admin,
                                      const std::vector<std::shared_ptr<Relay>>& relays);

}  // namespace sluice::proxy::admin

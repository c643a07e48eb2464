// [admin] of the configuration.
#pragma once

#include "proxy/config_relay.hpp"

namespace sluice::proxy {

/// Before the relays are read. nullopt: the file has no such section, or one that cannot be used;
/// problems have been reported.
[[nodiscard]] std::optional<AdminConfig> read_admin(Section& section, TakenNames& taken);

}  // namespace sluice::proxy

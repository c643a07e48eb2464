// [admin] of the configuration.
#pragma once

#include "proxy/config/config_relay.hpp"

namespace sluice::proxy {

/// Before the relays are read. nullopt: the file has no such section, or one that cannot be used;
/// problems have been reported.
[[nodiscard]] std::optional<AdminConfig> read_admin(Section& section, TakenNames& taken);

/// Whether others than this machine get there, so that a token and a certificate must be there.
[[nodiscard]] bool is_reached_from_elsewhere(const ListenAddress& address);

}  // namespace sluice::proxy

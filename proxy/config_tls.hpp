// The TLS sections of both legs.
#pragma once

#include "proxy/config_section.hpp"

namespace sluice::proxy {

/// [relay.master.tls]
[[nodiscard]] MasterTls read_master_tls(Section& section);

/// [relay.replica.tls]
[[nodiscard]] ReplicaTls read_replica_tls(Section& section);

}  // namespace sluice::proxy

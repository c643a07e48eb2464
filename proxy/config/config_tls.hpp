// The TLS sections of both legs, and what they have in common with that of [admin].
#pragma once

#include "proxy/config/config_section.hpp"

namespace sluice::proxy {

/// `cert` and `key`: neither, or both.
void read_certificate(Section& section, std::string& cert, std::string& key);

/// [relay.master.tls]
[[nodiscard]] MasterTls read_master_tls(Section& section);

/// [relay.replica.tls]
[[nodiscard]] ReplicaTls read_replica_tls(Section& section);

}  // namespace sluice::proxy

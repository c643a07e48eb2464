// What a replica must trust to verify Sluice.
#pragma once

#include <string>

#include "proxy/config/config_values.hpp"

namespace sluice::proxy::link {

/// The authority of the certificate that Sluice shows to replicas, as PEM: `ca` if it is not empty
/// (a file), else the root in the certificate's own file, else the one of the system's store.
[[nodiscard]] Parsed<std::string> authority_of(const ReplicaTls& tls, const std::string& ca);

}  // namespace sluice::proxy::link

// Whether an event begins at a place in the master's binlog.
#pragma once

#include <string>

#include "proxy/link/coordinates.hpp"

namespace sluice::proxy::link {

/// Why a replica cannot begin at that file and position, which the master has: it is inside of an
/// event. Empty: one begins there, or the file ends, or the master does not tell.
[[nodiscard]] std::string why_no_event(SqlClient& client, const check::ServerFacts& master,
                                       const Coordinates& from);

}  // namespace sluice::proxy::link

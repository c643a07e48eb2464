// Whether the master still has what a replica would ask for.
#pragma once

#include <string>

#include "proxy/link/coordinates.hpp"
#include "proxy/master/master_binlogs.hpp"

namespace sluice::proxy::link {

/// Why no replica can begin at that file and position, when the master keeps these files; empty:
/// one can.
[[nodiscard]] std::string why_not_there(const Coordinates& from, const MasterBinlogs& kept);

/// Asks the master, and sets `kept` if it tells. The error as that of why_not_there().
[[nodiscard]] std::string why_not_kept(SqlClient& client, const check::ServerFacts& master,
                                       bool by_gtid, Coordinates& from);

}  // namespace sluice::proxy::link

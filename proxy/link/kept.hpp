// Whether the master still has what a replica would ask for.
#pragma once

#include <string>
#include <string_view>

#include "proxy/link/coordinates.hpp"
#include "proxy/master_binlogs.hpp"

namespace sluice::proxy::link {

/// Why no replica can begin at that file and position, when the master keeps these files; empty:
/// one can.
[[nodiscard]] std::string why_not_there(const Coordinates& from, const MasterBinlogs& kept);

/// What a replica of MariaDB that has got to `position` lacks of what was written up to `purged`,
/// another position; empty: nothing.
[[nodiscard]] std::string lacking(std::string_view position, std::string_view purged);

/// Asks the master, and sets `kept` if it tells. The error as that of why_not_there().
[[nodiscard]] std::string why_not_kept(SqlClient& client, const check::ServerFacts& master,
                                       bool by_gtid, Coordinates& from);

}  // namespace sluice::proxy::link

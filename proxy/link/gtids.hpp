// Whether the master can go on from the GTIDs that a replica has.
#pragma once

#include <string>
#include <string_view>

#include "proxy/link/coordinates.hpp"
#include "proxy/master/master_binlogs.hpp"

namespace sluice::proxy::link {

/// What a replica of MariaDB that has got to `position` lacks of what was written up to `purged`,
/// another position; empty: nothing.
[[nodiscard]] std::string lacking(std::string_view position, std::string_view purged);

/// What of `position` a master that is MariaDB would refuse, as it has not got there itself.
/// `binlog_state`: its gtid_binlog_state; `slave_pos`: its gtid_slave_pos.
[[nodiscard]] std::string not_reached(std::string_view position, std::string_view binlog_state,
                                      std::string_view slave_pos);

struct GtidVerdict {
  std::string why;     ///< why no replica can go on from there; empty: one can
  bool asked = false;  ///< the master has told what that takes
};

/// Asks the master about `from.gtids`, if there are any. `binlogs`: empty if it does not tell.
[[nodiscard]] GtidVerdict judge_gtids(SqlClient& client, const check::ServerFacts& master,
                                      const MasterBinlogs& binlogs, const Coordinates& from);

}  // namespace sluice::proxy::link

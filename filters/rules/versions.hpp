// Requirements on the versions of both sides.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/wire/server_version.hpp"

namespace sluice::filters {

/// MySQL from 5.6 and MariaDB from 10.0 on: older ones write binlogs that are not understood here,
/// and managed replicas do not take them.
[[nodiscard]] bool is_supported_master(const wire::ServerVersion& master);

/// Whether a replica whose client library calls itself so is of the master's release series, such
/// as 8.0 or 10.11. Nothing: it does not say.
[[nodiscard]] std::optional<bool> is_same_series(const wire::ServerVersion& master,
                                                 std::string_view client_version);

}  // namespace sluice::filters

// Why a stream has stopped, for the replica, the log and the tap.
#pragma once

#include <string>

#include "filters/stream/stream_filter.hpp"

namespace sluice::proxy {

/// "binlog.000042:1234 (QUERY): ALTER EVENT: it moves an event ..."; type and statement as far as
/// they are known.
[[nodiscard]] std::string text_of(const filters::StreamFailure& failure);

}  // namespace sluice::proxy

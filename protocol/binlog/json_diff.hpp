// The changes to a JSON document that PARTIAL_UPDATE_ROWS has in the place of the whole
// (sql-common/json_diff.cc, Json_diff_vector::read_binary).
#pragma once

#include <optional>
#include <string>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// `[{"op": "replace", "path": "$.a", "value": 1}, {"op": "remove", "path": "$.b"}]`
[[nodiscard]] std::optional<std::string> json_diff_text(Bytes changes);

}  // namespace sluice::binlog

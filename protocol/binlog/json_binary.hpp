// MySQL's binary JSON documents, as JSON columns and the changes to them hold them. The format is
// described at the top of sql-common/json_binary.h.
#pragma once

#include <optional>
#include <string>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// The document as MySQL prints it: `{"a": 1, "b": [true, null]}`. Values that JSON has no form for
/// become what MySQL makes of them (times and decimals), or "base64:type15:...". Fails on anything
/// that no server writes.
[[nodiscard]] std::optional<std::string> json_text(Bytes document);

}  // namespace sluice::binlog

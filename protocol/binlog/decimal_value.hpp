// DECIMAL in row images and JSON documents (strings/decimal.cc, decimal2bin and bin2decimal).
#pragma once

#include <string>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// "-123.40"; empty when it cannot be read, or no such DECIMAL exists.
[[nodiscard]] std::string read_decimal_value(Cursor& in, unsigned precision, unsigned decimals);

}  // namespace sluice::binlog

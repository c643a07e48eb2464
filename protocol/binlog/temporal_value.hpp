// Dates and times in row images (mysys/my_time.cc, my_datetime_packed_from_binary and its like;
// sql/field.cc for those older than 5.6).
#pragma once

#include <string>

#include "protocol/binlog/column.hpp"
#include "protocol/bytes.hpp"

namespace sluice::binlog {

[[nodiscard]] bool is_temporal(ColumnType type);

/// "2024-02-29 23:59:59.123456" and the like, points in time in UTC; empty when it cannot be read.
/// The column's type must be a temporal one.
[[nodiscard]] std::string read_temporal_value(Cursor& in, const Column& column);

/// The same from the 64-bit form in which JSON documents keep them (my_time.cc,
/// TIME_from_longlong_datetime_packed).
[[nodiscard]] std::string packed_temporal_text(ColumnType type, std::int64_t packed);

}  // namespace sluice::binlog

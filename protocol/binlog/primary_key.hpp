// Whether a TABLE_MAP says that its table has a primary key. What it says besides is read by
// table_metadata.hpp; this looks at the types of its optional fields only, and does not allocate.
#pragma once

#include <optional>

#include "protocol/binlog/optional_metadata.hpp"
#include "protocol/binlog/table_map.hpp"
#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// Nothing when it does not say: only with binlog_row_metadata=FULL there are names of columns, and
/// then the columns of the primary key if it has one (libs/mysql/binlog/event/rows_event.h,
/// Optional_metadata_field_type).
[[nodiscard]] inline std::optional<bool> says_primary_key(const TableMap& map) {
  using enum OptionalMetadata;
  Cursor cursor(map.optional);
  bool full = false;
  bool key = false;
  while (cursor.ok() && cursor.remaining() > 0) {
    const auto type = static_cast<OptionalMetadata>(cursor.u8());
    cursor.skip(cursor.lenenc());
    full = full || type == column_name;
    key = key || type == simple_primary_key || type == primary_key_with_prefix;
  }
  if (!cursor.ok() || (!full && !key)) return std::nullopt;
  return key;
}

}  // namespace sluice::binlog

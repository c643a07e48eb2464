// Row events: what the relay needs of them is the table, and whether the statement ends
// (libs/mysql/binlog/event/rows_event.cpp, Rows_event; MariaDB sql/log_event.cc).
#pragma once

#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

/// The table id of a row event that only ends a statement. No TABLE_MAP has it.
constexpr std::uint64_t dummy_table_id = 0xFFFFFFFFFFFF;

/// Table id and flags: the first bytes behind the event header, in every version.
constexpr std::size_t rows_prefix_size = 6 + 2;

namespace rows_flag {
constexpr std::uint16_t statement_end = 1;
}

/// What a row event's type says about its layout.
struct RowsLayout {
  bool extra_data = false;  ///< v2: a length and extra data stand before the columns
  bool update = false;      ///< two column bitmaps
  EventType plain{};        ///< the same type without MariaDB's compression
};

[[nodiscard]] constexpr std::optional<RowsLayout> rows_layout(EventType type) {
  using enum EventType;
  switch (type) {
    case write_rows_v1:
    case delete_rows_v1:
      return RowsLayout{false, false, type};
    case update_rows_v1:
      return RowsLayout{false, true, type};
    case write_rows_v2:
    case delete_rows_v2:
      return RowsLayout{true, false, type};
    case update_rows_v2:
    case partial_update_rows:
      return RowsLayout{true, true, type};
    case write_rows_compressed_v1:
      return RowsLayout{false, false, write_rows_v1};
    case update_rows_compressed_v1:
      return RowsLayout{false, true, update_rows_v1};
    case delete_rows_compressed_v1:
      return RowsLayout{false, false, delete_rows_v1};
    case write_rows_compressed_v2:
      return RowsLayout{true, false, write_rows_v2};
    case update_rows_compressed_v2:
      return RowsLayout{true, true, update_rows_v2};
    case delete_rows_compressed_v2:
      return RowsLayout{true, false, delete_rows_v2};
    default:
      return std::nullopt;
  }
}

struct RowsPrefix {
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  [[nodiscard]] bool ends_statement() const { return (flags & rows_flag::statement_end) != 0; }
};

/// `body` starts behind the event header and may be the first part of a row event only.
[[nodiscard]] inline std::optional<RowsPrefix> parse_rows_prefix(Bytes body) {
  Cursor cursor(body);
  RowsPrefix prefix;
  prefix.table_id = cursor.u48();
  prefix.flags = cursor.u16();
  if (!cursor.ok()) return std::nullopt;
  return prefix;
}

}  // namespace sluice::binlog

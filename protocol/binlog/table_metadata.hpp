// The rest of a TABLE_MAP: what its columns are, without which row events cannot be read
// (libs/mysql/binlog/event/rows_event.cpp, Table_map_event; sql/rpl_utility.cc, table_def).
#pragma once

#include <string_view>

#include "protocol/binlog/column.hpp"
#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/table_map.hpp"

namespace sluice::binlog {

struct TableMetadata {
  std::vector<Column> columns;
  /// The master wrote all it knows (binlog_row_metadata=FULL): names and members, too.
  bool full = false;
};

/// A text is the reason why the table's row events cannot be read.
[[nodiscard]] std::string_view parse_table_metadata(const TableMap& map,
                                                    const FormatDescription& format,
                                                    TableMetadata& table);

}  // namespace sluice::binlog

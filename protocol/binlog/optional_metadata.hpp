// What a TABLE_MAP may tell of its columns besides their types: a list of type, length, value
// (libs/mysql/binlog/event/rows_event.h, Optional_metadata_field_type). MySQL from 8.0.1 and
// MariaDB from 10.5 on; most of it only with binlog_row_metadata=FULL.
#pragma once

#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/table_metadata.hpp"

namespace sluice::binlog {

/// Those that Sluice looks at.
enum class OptionalMetadata : std::uint8_t {
  signedness = 1,
  default_charset = 2,
  column_charset = 3,
  column_name = 4,
  set_str_value = 5,
  enum_str_value = 6,
  simple_primary_key = 8,
  primary_key_with_prefix = 9,
  enum_and_set_default_charset = 10,
  enum_and_set_column_charset = 11,
};

/// Adds it to the table's columns. Types it does not know are skipped. A text is the reason why it
/// cannot be right.
[[nodiscard]] std::string_view read_optional_metadata(Bytes metadata,
                                                      const FormatDescription& format,
                                                      TableMetadata& table);

}  // namespace sluice::binlog

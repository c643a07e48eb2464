#include "protocol/binlog/optional_metadata.hpp"

namespace sluice::binlog {
namespace {

using Columns = std::vector<Column*>;

/// Which columns have a bit that tells of a sign. MariaDB counts years among them, and so does
/// MySQL since it has sql/field_common_properties.h, has_signedess_information_type, in
/// 2020; 8.0.15 does not.
bool is_numeric(const Column& column, const FormatDescription& format) {
  constexpr std::uint32_t first_with_years = 80020;
  using enum ColumnType;
  switch (column.type) {
    case tiny:
    case short_int:
    case int24:
    case long_int:
    case longlong:
    case newdecimal:
    case float_number:
    case double_number:
      return true;
    case year:
      return format.mariadb || format.version >= first_with_years;
    default:
      return false;
  }
}

bool is_enum_or_set(const Column& column) {
  return column.type == ColumnType::enumeration || column.type == ColumnType::set;
}

/// Which columns have a character set. MariaDB counts geometries among them, MySQL does not; both
/// are BLOBs at heart. MariaDB's compressed columns are what they are without compression.
bool is_character(const Column& column, bool mariadb) {
  using enum ColumnType;
  switch (column.type) {
    case string:
    case var_string:
    case varchar:
    case varchar_compressed:
    case blob:
    case blob_compressed:
    case vector:
      return true;
    case geometry:
      return mariadb;
    default:
      return false;
  }
}

template <class Predicate>
Columns select(TableMetadata& table, Predicate predicate) {
  Columns chosen;
  for (Column& column : table.columns) {
    if (predicate(column)) chosen.push_back(&column);
  }
  return chosen;
}

/// One bit a column, the first one in the highest bit.
bool read_bits(Cursor in, const Columns& columns, void (*apply)(Column&, bool)) {
  const Bytes bits = in.rest();
  if (bits.size() < (columns.size() + 7) / 8) return false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    apply(*columns[i], (bits[i / 8] >> (7 - i % 8) & 1) != 0);
  }
  return true;
}

/// One number a column.
bool read_collations(Cursor in, const Columns& columns) {
  for (Column* column : columns) column->collation = static_cast<std::uint32_t>(in.lenenc());
  return in.ok() && in.remaining() == 0;
}

/// A number for all, then pairs of a column's place among them and its own number.
bool read_default(Cursor in, const Columns& columns) {
  const auto collation = static_cast<std::uint32_t>(in.lenenc());
  for (Column* column : columns) column->collation = collation;
  while (in.ok() && in.remaining() > 0) {
    const std::uint64_t place = in.lenenc();
    const auto own = static_cast<std::uint32_t>(in.lenenc());
    if (!in.ok() || place >= columns.size()) return false;
    columns[static_cast<std::size_t>(place)]->collation = own;
  }
  return in.ok();
}

bool read_names(Cursor in, TableMetadata& table) {
  for (Column& column : table.columns) column.name = in.lenenc_text();
  table.full = in.ok() && in.remaining() == 0;
  return table.full;
}

bool read_members(Cursor in, const Columns& columns) {
  for (Column* column : columns) {
    const std::uint64_t count = in.lenenc();
    column->members.clear();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      column->members.emplace_back(in.lenenc_text());
    }
  }
  return in.ok() && in.remaining() == 0;
}

Columns of_type(TableMetadata& table, ColumnType type) {
  return select(table, [type](const Column& column) { return column.type == type; });
}

bool read_field(std::uint8_t type, Bytes value, const FormatDescription& format,
                TableMetadata& table) {
  const Cursor in(value);
  const auto characters = [&](const Column& column) {
    return is_character(column, format.mariadb);
  };
  switch (static_cast<OptionalMetadata>(type)) {
    using enum OptionalMetadata;
    case signedness:
      return read_bits(in, select(table, [&](const Column& c) { return is_numeric(c, format); }),
                       [](Column& column, bool set) { column.is_unsigned = set; });
    case default_charset:
      return read_default(in, select(table, characters));
    case column_charset:
      return read_collations(in, select(table, characters));
    case column_name:
      return read_names(in, table);
    case set_str_value:
      return read_members(in, of_type(table, ColumnType::set));
    case enum_str_value:
      return read_members(in, of_type(table, ColumnType::enumeration));
    case enum_and_set_default_charset:
      return read_default(in, select(table, is_enum_or_set));
    case enum_and_set_column_charset:
      return read_collations(in, select(table, is_enum_or_set));
    default:
      return true;
  }
}

}  // namespace

std::string_view read_optional_metadata(Bytes metadata, const FormatDescription& format,
                                        TableMetadata& table) {
  Cursor in(metadata);
  while (in.remaining() > 0) {
    const std::uint8_t type = in.u8();
    const Bytes value = in.take(in.lenenc());
    if (!in.ok() || !read_field(type, value, format, table)) return "malformed optional metadata";
  }
  return {};
}

}  // namespace sluice::binlog

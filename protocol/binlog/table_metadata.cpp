#include "protocol/binlog/table_metadata.hpp"

#include "protocol/binlog/optional_metadata.hpp"
#include "protocol/server_limits.hpp"

namespace sluice::binlog {
namespace {

/// CHAR, ENUM and SET: the first byte is the type. Two bits of it that are the same in all three
/// are taken from a CHAR of 256 bytes and more, to make its length longer (the servers' bug 37426).
void read_string_metadata(Cursor& in, Column& column) {
  constexpr std::uint8_t length_bits = 0x30;
  const std::uint8_t type = in.u8();
  const std::uint8_t length = in.u8();
  if (type == 0) {  // 5.0 wrote the length only
    column.length = length;
    return;
  }
  column.type = ColumnType{static_cast<std::uint8_t>(type | length_bits)};
  column.length = static_cast<std::uint16_t>(length | ((type & length_bits) ^ length_bits) << 4);
}

/// The metadata of one type (sql/rpl_utility.cc, read_field_metadata; MariaDB
/// sql/rpl_utility.cc, table_def::table_def).
std::string_view read_metadata(Cursor& in, Column& column) {
  using enum ColumnType;
  switch (column.type) {
    case tiny_blob:
    case medium_blob:
    case long_blob:
    case blob:
    case blob_compressed:
    case geometry:
    case json:
    case vector:
    case float_number:
    case double_number:
      column.length = in.u8();
      break;
    case timestamp2:
    case datetime2:
    case time2:
      column.decimals = in.u8();
      break;
    case varchar:
    case varchar_compressed:
    case var_string:
      column.length = in.u16();
      break;
    case bit: {
      const std::uint8_t bits = in.u8();
      column.length = static_cast<std::uint16_t>(in.u8() * 8 + bits);
      break;
    }
    case newdecimal:
      column.length = in.u8();
      column.decimals = in.u8();
      break;
    case string:
    case enumeration:
    case set:
      read_string_metadata(in, column);
      break;
    case decimal:
    case tiny:
    case short_int:
    case long_int:
    case null:
    case timestamp:
    case longlong:
    case int24:
    case date:
    case time:
    case datetime:
    case year:
    case newdate:
      break;
    case typed_array:
      return "a table with an array column";
    default:
      return "a table with a column of unknown type";
  }
  return in.ok() ? std::string_view() : "the columns' metadata ends too early";
}

}  // namespace

std::string_view parse_table_metadata(const TableMap& map, const FormatDescription& format,
                                      TableMetadata& table) {
  if (map.types.size() > max_columns) return "a table with too many columns";
  table = {};
  table.columns.resize(map.types.size());
  Cursor details(map.metadata);
  for (std::size_t i = 0; i < map.types.size(); ++i) {
    Column& column = table.columns[i];
    column.type = ColumnType{map.types[i]};
    if (const auto problem = read_metadata(details, column); !problem.empty()) return problem;
  }
  if (details.remaining() > 0) return "the columns' metadata is too long";
  return read_optional_metadata(map.optional, format, table);
}

}  // namespace sluice::binlog

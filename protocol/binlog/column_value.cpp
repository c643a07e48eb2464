#include "protocol/binlog/column_value.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "protocol/binlog/character_text.hpp"
#include "protocol/binlog/decimal_value.hpp"
#include "protocol/binlog/json_binary.hpp"
#include "protocol/binlog/mariadb_compression.hpp"
#include "protocol/binlog/temporal_value.hpp"
#include "protocol/json_text.hpp"

namespace sluice::binlog {
namespace {

using Kind = ColumnValue::Kind;
using Problem = std::string_view;

constexpr Problem too_short = "the row ends within a value";
constexpr std::uint32_t binary_collation = 63;

Problem checked(const Cursor& in) {
  return in.ok() ? Problem() : too_short;
}

/// Without a word about signs in the metadata the value is given as signed, and what it would be
/// without a sign is noted, as mysqlbinlog does.
Problem read_integer(Cursor& in, const Column& column, std::size_t width, ColumnValue& value) {
  const Bytes bytes = in.take(width);
  if (!in.ok()) return too_short;
  const std::uint64_t plain = load_le(bytes.data(), width);
  const unsigned unused = 64 - 8 * static_cast<unsigned>(width);
  const auto with_sign = static_cast<std::int64_t>(plain << unused) >> unused;
  const bool is_unsigned = column.is_unsigned.value_or(false);
  value.kind = Kind::number;
  value.text = is_unsigned ? std::to_string(plain) : std::to_string(with_sign);
  if (!column.is_unsigned && with_sign < 0) value.note = std::to_string(plain);
  return {};
}

Problem read_floating(Cursor& in, const Column& column, ColumnValue& value) {
  value.kind = Kind::number;
  value.text = column.type == ColumnType::float_number
                   ? json_float(std::bit_cast<float>(in.u32()))
                   : json_double(std::bit_cast<double>(in.u64()));
  if (value.text.ends_with(".0")) value.text.resize(value.text.size() - 2);
  return checked(in);
}

Problem read_bits(Cursor& in, const Column& column, ColumnValue& value) {
  if (column.length == 0 || column.length > 64) return "a BIT of impossible size";
  const Bytes bytes = in.take((column.length + 7U) / 8);
  value.kind = Kind::bits;
  for (const std::uint8_t byte : bytes) {
    for (int bit = 7; bit >= 0; --bit) value.text += (byte >> bit & 1) != 0 ? '1' : '0';
  }
  const auto unused = static_cast<std::size_t>((8 - column.length % 8) % 8);
  if (in.ok()) value.text.erase(0, unused);
  return checked(in);
}

/// The members by name where the metadata has them, else by number.
Problem read_member(Cursor& in, const Column& column, ColumnValue& value) {
  if (column.length == 0 || column.length > 2) return "an ENUM of impossible size";
  const std::uint64_t number = column.length == 1 ? in.u8() : in.u16();
  value.kind = Kind::number;
  value.text = std::to_string(number);
  if (number > 0 && number <= column.members.size()) {
    const auto& name = column.members[static_cast<std::size_t>(number - 1)];
    if (const auto text = character_text(as_bytes(name), column.collation)) {
      value.kind = Kind::text;
      value.text = *text;
    }
  } else if (number == 0 && !column.members.empty()) {
    value.kind = Kind::text;  // what a wrong value becomes
    value.text.clear();
  }
  return checked(in);
}

Problem read_members(Cursor& in, const Column& column, ColumnValue& value) {
  if (column.length == 0 || column.length > 8) return "a SET of impossible size";
  const Bytes bytes = in.take(column.length);
  if (!in.ok()) return too_short;
  const std::uint64_t members = load_le(bytes.data(), bytes.size());
  value.kind = Kind::number;
  value.text = std::to_string(members);
  if (column.members.empty()) return {};
  std::string names;
  for (std::size_t i = 0; i < 64; ++i) {
    if ((members >> i & 1) == 0) continue;
    if (i >= column.members.size()) return {};
    const auto name = character_text(as_bytes(column.members[i]), column.collation);
    if (!name) return {};
    names += (names.empty() ? "" : ",") + *name;
  }
  value.kind = Kind::text;
  value.text = std::move(names);
  return {};
}

void set_text_or_bytes(Bytes stored, const Column& column, ColumnValue& value) {
  auto text = character_text(stored, column.collation);
  value.kind = text ? Kind::text : Kind::bytes;
  value.text = text ? std::move(*text) : std::string(as_text(stored));
}

Problem set_uncompressed(Bytes stored, const Column& column, std::size_t limit,
                         ColumnValue& value) {
  const auto plain = uncompress_column(stored, limit);
  if (!plain) return "a compressed value that is damaged or too large";
  set_text_or_bytes(*plain, column, value);
  return {};
}

/// CHAR and VARCHAR: the length needs two bytes where more than 255 bytes may follow.
Problem read_string(Cursor& in, const Column& column, std::size_t limit, ColumnValue& value) {
  const std::uint64_t size = column.length > 255 ? in.u16() : in.u8();
  const Bytes stored = in.take(size);
  if (!in.ok()) return too_short;
  if (column.type == ColumnType::varchar_compressed)
    return set_uncompressed(stored, column, limit, value);
  set_text_or_bytes(stored, column, value);
  // Of BINARY(n) the zeros at the end are left out (sql/field.cc, Field_string::pack).
  if (column.type == ColumnType::string && column.collation == binary_collation) {
    value.text.resize(std::max<std::size_t>(column.length, size), '\0');
  }
  return {};
}

/// SRID and WKB, whose first byte is its byte order (sql/spatial.h).
void set_geometry(Bytes stored, ColumnValue& value) {
  constexpr std::array<std::string_view, 8> names = {
      "",           "POINT",           "LINESTRING",   "POLYGON",
      "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
  value.kind = Kind::bytes;
  value.text = as_text(stored);
  Cursor in(stored);
  const std::uint32_t srid = in.u32();
  const bool little = in.u8() == 1;
  std::uint32_t type = in.u32();
  if (!little) type = type >> 24;
  if (!in.ok() || type == 0 || type >= names.size()) return;
  value.note = std::string(names[type]) + ", SRID " + std::to_string(srid);
}

/// Floats, one behind the other; MariaDB's vectors are VARCHARs to its binlog.
Problem set_vector(Bytes stored, ColumnValue& value) {
  if (stored.size() % 4 != 0) return "a VECTOR of impossible size";
  value.kind = Kind::vector;
  value.text = "[";
  for (Cursor in(stored); in.remaining() > 0;) {
    if (value.text.size() > 1) value.text += ", ";
    value.text += json_float(std::bit_cast<float>(in.u32()));
  }
  value.text += ']';
  return {};
}

Problem read_blob(Cursor& in, const Column& column, std::size_t limit, ColumnValue& value) {
  if (column.length == 0 || column.length > 4) return "a BLOB of impossible size";
  const Bytes size = in.take(column.length);
  const Bytes stored = in.take(size.empty() ? 0 : load_le(size.data(), size.size()));
  if (!in.ok()) return too_short;
  switch (column.type) {
    case ColumnType::json: {
      auto text = json_text(stored);
      if (!text) return "a JSON document that cannot be read";
      value.kind = Kind::json;
      value.text = std::move(*text);
      return {};
    }
    case ColumnType::geometry:
      set_geometry(stored, value);
      return {};
    case ColumnType::vector:
      return set_vector(stored, value);
    case ColumnType::blob_compressed:
      return set_uncompressed(stored, column, limit, value);
    default:
      set_text_or_bytes(stored, column, value);
      return {};
  }
}

}  // namespace

std::string_view read_column_value(Cursor& in, const Column& column, ColumnValue& value,
                                   std::size_t limit) {
  using enum ColumnType;
  value = {};
  switch (column.type) {
    case tiny:
      return read_integer(in, column, 1, value);
    case short_int:
      return read_integer(in, column, 2, value);
    case int24:
      return read_integer(in, column, 3, value);
    case long_int:
      return read_integer(in, column, 4, value);
    case longlong:
      return read_integer(in, column, 8, value);
    case float_number:
    case double_number:
      return read_floating(in, column, value);
    case newdecimal:
      value.kind = Kind::decimal;
      value.text = read_decimal_value(in, column.length, column.decimals);
      return value.text.empty() ? "a DECIMAL that cannot be read" : Problem();
    case timestamp:
    case timestamp2:
    case datetime:
    case datetime2:
    case time:
    case time2:
    case date:
    case newdate:
    case year:
      value.kind = Kind::text;
      value.text = read_temporal_value(in, column);
      return value.text.empty() ? "a date or time that cannot be read" : Problem();
    case bit:
      return read_bits(in, column, value);
    case enumeration:
      return read_member(in, column, value);
    case set:
      return read_members(in, column, value);
    case string:
    case var_string:
    case varchar:
    case varchar_compressed:
      return read_string(in, column, limit, value);
    case tiny_blob:
    case medium_blob:
    case long_blob:
    case blob:
    case blob_compressed:
    case json:
    case geometry:
    case vector:
      return read_blob(in, column, limit, value);
    case null:
      return {};
    case decimal:  // of servers before 5.0; its size is not in the binlog
    case typed_array:
      break;
  }
  return "a column of a type that cannot be read";
}

}  // namespace sluice::binlog

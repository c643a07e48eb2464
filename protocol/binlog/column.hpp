// The columns of a table as row events carry them (include/field_types.h, enum_field_types; MariaDB
// include/mysql_com.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::binlog {

enum class ColumnType : std::uint8_t {
  decimal = 0,
  tiny = 1,
  short_int = 2,
  long_int = 3,
  float_number = 4,
  double_number = 5,
  null = 6,
  timestamp = 7,
  longlong = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  newdate = 14,
  varchar = 15,
  bit = 16,
  timestamp2 = 17,
  datetime2 = 18,
  time2 = 19,
  typed_array = 20,
  blob_compressed = 140,  // MariaDB
  varchar_compressed = 141,
  vector = 242,
  json = 245,
  newdecimal = 246,
  enumeration = 247,
  set = 248,
  tiny_blob = 249,
  medium_blob = 250,
  long_blob = 251,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};

struct Column {
  ColumnType type{};         ///< of a STRING that stands for an ENUM or a SET: that one
  std::uint16_t length = 0;  ///< of CHAR and VARCHAR the most bytes, of ENUM and SET the bytes of a
                             ///< value, of BLOBs the bytes of its length, of BIT the bits, of
                             ///< DECIMAL the precision
  std::uint8_t decimals = 0;  ///< of DECIMAL, and of times the digits of a second's fraction

  // What only the optional metadata tells.
  std::optional<bool> is_unsigned;
  std::optional<std::uint32_t> collation;  ///< by number
  std::string name;
  std::vector<std::string> members;  ///< of ENUM and SET
};

}  // namespace sluice::binlog

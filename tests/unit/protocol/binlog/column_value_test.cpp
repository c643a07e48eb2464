#include "protocol/binlog/column_value.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/character_text.hpp"
#include "protocol/binlog/decimal_value.hpp"
#include "protocol/binlog/mariadb_compression.hpp"
#include "protocol/binlog/temporal_value.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::hex;
using Kind = ColumnValue::Kind;

namespace {

Column column_of(ColumnType type, std::uint16_t length = 0, std::uint8_t decimals = 0) {
  Column column;
  column.type = type;
  column.length = length;
  column.decimals = decimals;
  return column;
}

/// The value, or the problem in brackets.
std::string read(const Column& column, std::string_view stored, ColumnValue* out = nullptr) {
  const Buffer bytes = hex(stored);
  Cursor in(bytes);
  ColumnValue value;
  const auto problem = read_column_value(in, column, value);
  if (out != nullptr) *out = value;
  if (!problem.empty()) return "[" + std::string(problem) + "]";
  CHECK(in.remaining() == 0);
  return value.text;
}

}  // namespace

TEST_CASE("column values: the types of servers before 5.6") {
  using enum ColumnType;
  CHECK(read(column_of(timestamp), "00000000") == "0000-00-00 00:00:00");
  CHECK(read(column_of(timestamp), "80436d38") == "2000-01-01 00:00:00");
  CHECK(read(column_of(timestamp), "7f436d38") == "1999-12-31 23:59:59");
  CHECK(read(column_of(timestamp), "807ee065") == "2024-02-29 12:54:24");
  CHECK(read(column_of(timestamp), "80d0e165") == "2024-03-01 12:56:32");
  CHECK(read(column_of(timestamp), "ffffffff") == "2106-02-07 06:28:15");
  CHECK(read(column_of(datetime), "7bc5aa8b68120000") == "2024-02-29 12:34:51");
  CHECK(read(column_of(time), "40e201") == "12:34:56");
  CHECK(read(column_of(time), "c01dfe") == "-12:34:56");
  CHECK(read(column_of(date), "5dd00f") == "2024-02-29");
  CHECK(read(column_of(newdate), "000000") == "0000-00-00");
  CHECK(read(column_of(year), "00") == "0000");
  CHECK(read(column_of(decimal), "00").starts_with("["));
  CHECK(read(column_of(timestamp2, 0, 2), "00000000 32") == "1970-01-01 00:00:00.50");
  CHECK(read(column_of(timestamp2, 0, 2), "00000000 00") == "0000-00-00 00:00:00.00");
  CHECK(read(column_of(typed_array), "00").starts_with("["));
  CHECK(read(column_of(null), "") == "");
}

TEST_CASE("column values: what no server before 5.6 wrote is no time") {
  // MariaDB, mysql56_temporal_format=OFF: TIME(1), DATETIME(6).
  using enum ColumnType;
  for (const auto wrong : {"44e201", "30ec01", "bc1dfe"}) {
    CAPTURE(wrong);
    CHECK(read(column_of(time), wrong).starts_with("["));
  }
  for (const std::uint64_t wrong :
       {20241301000000U, 20240132000000U, 20240101006000U, 20240101000060U, 100000101000000U}) {
    CAPTURE(wrong);
    Buffer stored(8);
    store_le(stored.data(), wrong, 8);
    Cursor in(stored);
    ColumnValue value;
    CHECK(read_column_value(in, column_of(datetime), value) ==
          "a date or time that cannot be read");
  }
}

TEST_CASE("column values: the zeros at the end of BINARY") {
  ColumnValue value;
  Column column = column_of(ColumnType::string, 4);
  column.collation = 63;
  CHECK(read(column, "02 00ff", &value) == std::string("\0\xff\0\0", 4));
  CHECK(value.kind == Kind::bytes);
  CHECK(read(column, "00", &value) == std::string(4, '\0'));
  CHECK(read(column, "05 0102030405") == "\x01\x02\x03\x04\x05");
  column.type = ColumnType::varchar;
  CHECK(read(column, "02 00ff") == std::string("\0\xff", 2));
  column = column_of(ColumnType::string, 4);  // CHAR or BINARY: nothing tells
  CHECK(read(column, "01 61") == "a");
}

TEST_CASE("column values: metadata that cannot be") {
  using enum ColumnType;
  for (const auto& column :
       {column_of(bit), column_of(bit, 65), column_of(enumeration), column_of(enumeration, 3),
        column_of(set), column_of(set, 9), column_of(blob), column_of(blob, 5),
        column_of(newdecimal), column_of(newdecimal, 66), column_of(newdecimal, 5, 6),
        column_of(newdecimal, 40, 39), column_of(time2, 0, 7), column_of(datetime2, 0, 7),
        column_of(timestamp2, 0, 255)}) {
    CAPTURE(static_cast<int>(column.type));
    CHECK(read(column, "800000000000000000000000000000000000000000").starts_with("["));
  }
}

TEST_CASE("column values: signs that are not known") {
  ColumnValue value;
  Column column = column_of(ColumnType::int24);
  CHECK(read(column, "ffffff", &value) == "-1");
  CHECK(value.note == "16777215");
  CHECK(read(column, "ffff7f", &value) == "8388607");
  CHECK(value.note == "");
  column.is_unsigned = true;
  CHECK(read(column, "ffffff", &value) == "16777215");
  CHECK(value.note == "");
  column.is_unsigned = false;
  CHECK(read(column, "ffffff", &value) == "-1");
  CHECK(value.note == "");
}

TEST_CASE("column values: members of ENUM and SET") {
  Column column = column_of(ColumnType::enumeration, 1);
  CHECK(read(column, "02") == "2");
  column.members = {"one", "two"};
  CHECK(read(column, "00") == "");
  CHECK(read(column, "02") == "two");
  CHECK(read(column, "03") == "3");
  column = column_of(ColumnType::set, 8);
  CHECK(read(column, "ffffffffffffffff") == "18446744073709551615");
  column.members = {"a", "b"};
  CHECK(read(column, "0300000000000000") == "a,b");
  CHECK(read(column, "0000000000000000") == "");
  CHECK(read(column, "0400000000000000") == "4");
}

TEST_CASE("column values: geometries") {
  ColumnValue value;
  const Column column = column_of(ColumnType::geometry, 4);
  read(column, "19000000 e6100000 01 01000000 000000000000f03f 0000000000000040", &value);
  CHECK(value.kind == Kind::bytes);
  CHECK(value.text.size() == 25);
  CHECK(value.note == "POINT, SRID 4326");
  read(column, "09000000 00000000 00 00000007", &value);
  CHECK(value.note == "GEOMETRYCOLLECTION, SRID 0");
  read(column, "09000000 00000000 01 08000000", &value);
  CHECK(value.note == "");
  read(column, "01000000 00", &value);
  CHECK(value.note == "");
}

TEST_CASE("column values: decimals") {
  const auto decimal = [](std::string_view stored, unsigned precision, unsigned scale) {
    const Buffer bytes = hex(stored);
    Cursor in(bytes);
    return read_decimal_value(in, precision, scale);
  };
  // strings/decimal.cc, decimal2bin: its own example
  CHECK(decimal("810dfb38d204d2", 14, 4) == "1234567890.1234");
  CHECK(decimal("7ef204c72dfb2d", 14, 4) == "-1234567890.1234");
  // As many decimals as MariaDB has since 10.2.1 (DECIMAL_MAX_SCALE); MySQL stops at 30.
  CHECK(decimal("9dcd650000000000000000000000000000", 38, 38) ==
        "0.50000000000000000000000000000000000000");
  CHECK(decimal("80", 1, 0) == "0");
  CHECK(decimal("89", 1, 0) == "9");
  CHECK(decimal("8a", 1, 0) == "");  // ten is no digit
  CHECK(decimal("810dfb38d204", 14, 4) == "");
  CHECK(decimal("", 14, 4) == "");
}

TEST_CASE("column values: packed times of JSON documents") {
  CHECK(packed_temporal_text(ColumnType::time, -1) == "-00:00:00.000001");
  CHECK(packed_temporal_text(ColumnType::time, std::int64_t{0x1000} << 24) == "01:00:00.000000");
  CHECK(packed_temporal_text(ColumnType::datetime, 0) == "0000-00-00 00:00:00.000000");
  CHECK(packed_temporal_text(ColumnType::date, 0) == "0000-00-00");
  CHECK_FALSE(packed_temporal_text(ColumnType::datetime, INT64_MIN).empty());
}

TEST_CASE("column values: character sets") {
  const auto text = [](std::string_view stored, std::optional<std::uint32_t> collation) {
    return character_text(hex(stored), collation).value_or("-");
  };
  CHECK(text("c3a4", {}) == "\xc3\xa4");
  CHECK(text("0a09", {}) == "\n\t");
  CHECK(text("00", {}) == "-");
  CHECK(text("ff", {}) == "-");
  CHECK(text("61", 63) == "-");  // binary
  CHECK(text("00", 45) == std::string(1, '\0'));
  CHECK(text("ff", 255) == "-");
  CHECK(text("e480", 8) == "\xc3\xa4\xe2\x82\xac");   // latin1_swedish_ci
  CHECK(text("e4", 8 + 1024) == "\xc3\xa4");          // its NOPAD twin
  CHECK(text("20ac", 35) == "\xe2\x82\xac");          // ucs2_general_ci
  CHECK(text("d83dde00", 54) == "\xf0\x9f\x98\x80");  // utf16_general_ci
  CHECK(text("3dd800de", 56) == "\xf0\x9f\x98\x80");  // utf16le_general_ci
  CHECK(text("0001f600", 60) == "\xf0\x9f\x98\x80");  // utf32_general_ci
  CHECK(text("d83d", 54) == "-");
  CHECK(text("d83d0041", 54) == "-");
  CHECK(text("41", 54) == "-");
  CHECK(text("41", 13) == "A");  // sjis_japanese_ci
  for (const unsigned swe7 : {10, 82, 10 + 1024, 82 + 1024}) CHECK(text("5b", swe7) == "-");
  CHECK(text("8341", 13) == "-");
  CHECK(text("c3a4", 2048 + (1 << 8)) == "\xc3\xa4");  // utf8mb4_uca1400_ai_ci
  CHECK(text("20ac", 2048 + (2 << 8)) == "\xe2\x82\xac");
  CHECK(text("41", 99999) == "-");
}

TEST_CASE("column values: MariaDB's compressed columns") {
  CHECK(uncompress_column(hex(""), 10) == Buffer());
  CHECK(uncompress_column(hex("00 6162"), 10) == test::bytes_of("ab"));
  CHECK_FALSE(uncompress_column(hex("00 6162"), 1));
  // zlib, and raw deflate
  const Buffer framed = hex("81 03 789c 4b4c4a0600 024d0127");
  CHECK(uncompress_column(framed, 10) == test::bytes_of("abc"));
  CHECK(uncompress_column(hex("89 03 4b4c4a0600"), 10) == test::bytes_of("abc"));
  CHECK_FALSE(uncompress_column(framed, 2));
  test::for_each_truncation(framed, [](Bytes part) {
    if (!part.empty()) CHECK_FALSE(uncompress_column(part, 10));
  });
  for (const auto wrong : {"10 61", "80 61", "85 0000000003 4b4c4a0600",
                           "81 04 789c4b4c4a0600024d0127", "84 ffffffff 789c4b4c4a0600024d0127"}) {
    CAPTURE(wrong);
    CHECK_FALSE(uncompress_column(hex(wrong), std::size_t{1} << 40));
  }
}

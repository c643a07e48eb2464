#include "protocol/binlog/row_images.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdlib>

#include "protocol/binlog/table_map.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"
#include "unit/protocol/binlog/recorded_rows.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::hex;
using Kind = ColumnValue::Kind;

namespace {

std::string text_of_hex(const std::string& digits) {
  return std::string(as_text(hex(digits)));
}

/// The numbers of a JSON array.
std::vector<float> floats_of(std::string_view array) {
  std::vector<float> numbers;
  std::string text(array.substr(1));
  for (char* at = text.data(); *at != '\0' && *at != ']';) {
    numbers.push_back(std::strtof(at, &at));
    while (*at == ',' || *at == ' ') ++at;
  }
  return numbers;
}

void check_floats(const std::string& digits, const std::string& array) {
  const Buffer stored = hex(digits);
  std::vector<float> expected;
  for (Cursor in(stored); in.remaining() > 0;) expected.push_back(std::bit_cast<float>(in.u32()));
  CHECK(floats_of(array) == expected);
}

void check_member(const std::string& expected, const Column& column, const ColumnValue& value) {
  const auto space = expected.find(' ');
  if (column.members.empty()) {
    CHECK(value.kind == Kind::number);
    CHECK(value.text == expected.substr(0, space));
  } else {
    CHECK(value.kind == Kind::text);
    CHECK(value.text == text_of_hex(expected.substr(space + 1)));
  }
}

/// Without metadata a text may be taken for bytes and the other way round, and an unsigned number
/// for a signed one that has the right one noted.
void check_value(const test::ExpectedValue& expected, const Column& column,
                 const ColumnValue& value) {
  CAPTURE(expected.column);
  REQUIRE((value.kind == Kind::null) == !expected.value.has_value());
  if (!expected.value) return;
  const std::string& wanted = *expected.value;
  if (expected.form == "plain") {
    const bool as_noted = !column.is_unsigned && value.note == wanted;
    if (!as_noted) CHECK(value.text == wanted);
  } else if (expected.form == "number") {
    const bool single = column.type == ColumnType::float_number;
    const double shown = std::strtod(value.text.c_str(), nullptr);
    const double right = std::strtod(wanted.c_str(), nullptr);
    CHECK((single ? static_cast<float>(shown) == static_cast<float>(right) : shown == right));
  } else if (expected.form == "text") {
    if (column.collation) {
      CHECK(value.kind == Kind::text);
      CHECK(value.text == text_of_hex(wanted));
    }
  } else if (expected.form == "bytes") {
    if (column.collation) CHECK(value.kind == Kind::bytes);
    CHECK(value.text == text_of_hex(wanted));
  } else if (expected.form == "opaque") {
    if (column.collation) CHECK(value.kind == Kind::bytes);
    CHECK(value.text.size() <= column.length);
  } else if (expected.form == "bits") {
    CHECK(value.kind == Kind::bits);
    const std::string& bits = value.text;
    CHECK(bits.size() == column.length);
    CHECK(bits.substr(std::min(bits.find('1'), bits.size() - 1)) == wanted);
  } else if (expected.form == "member") {
    check_member(wanted, column, value);
  } else if (expected.form == "json") {
    CHECK(value.kind == Kind::json);
    CHECK(value.text == text_of_hex(wanted));
  } else if (expected.form == "floats") {
    check_floats(wanted, value.text);
  } else {
    FAIL("unknown form " << expected.form);
  }
}

void check_image(const std::optional<std::vector<test::ExpectedValue>>& expected,
                 const std::optional<RowImage>& image, const TableMetadata& table) {
  REQUIRE(image.has_value() == expected.has_value());
  if (!image) return;
  REQUIRE(image->entries.size() == expected->size());
  for (std::size_t i = 0; i < expected->size(); ++i) {
    const auto& entry = image->entries[i];
    CHECK(entry.column == i);
    if (table.full) CHECK(table.columns[i].name == (*expected)[i].column);
    check_value((*expected)[i], table.columns[i], entry.value);
  }
}

/// Calls `use` with each row event of a recorded file, its table and its rows without compression.
template <class Use>
void for_each_row_event(const test::RowsFile& file, Use use) {
  TableMetadata table;
  std::string name;
  for (const auto& event : file.events) {
    if (event.header.type == EventType::table_map) {
      const auto map = parse_table_map(event.body).value();
      REQUIRE(parse_table_metadata(map, file.format, table) == "");
      name = std::string(map.schema) + "." + std::string(map.table);
    } else if (rows_layout(event.header.type)) {
      const auto body = parse_rows_body(event.header.type, event.body);
      REQUIRE(body);
      Buffer plain(body->rows.begin(), body->rows.end());
      if (body->compressed) plain = uncompress_event_part(body->rows, 1 << 20).value();
      use(event, name, table, *body, plain);
    }
  }
}

}  // namespace

TEST_CASE("row images: every type of every server, as SELECT gives it") {
  for (const auto& file : test::rows_files()) {
    CAPTURE(file.name);
    std::size_t at = 0;
    for_each_row_event(file, [&](const auto&, const std::string& name, const TableMetadata& table,
                                 const RowsBody& body, Bytes plain) {
      CAPTURE(name);
      CHECK(table.full == (name == "app.types_full" || name == "app.types_compressed"));
      RowReader reader(table, body, plain);
      while (const auto row = reader.next()) {
        REQUIRE(at < file.rows.size());
        CHECK(file.rows[at].table == name);
        check_image(file.rows[at].before, row->before, table);
        check_image(file.rows[at].after, row->after, table);
        ++at;
      }
      CHECK(reader.problem() == "");
    });
    CHECK(at == file.rows.size());
    CHECK(at >= 5);
  }
}

TEST_CASE("row images: a row that is cut anywhere ends with a problem, never with a crash") {
  for (const auto& file : test::rows_files()) {
    CAPTURE(file.name);
    for_each_row_event(file, [&](const auto&, const std::string&, const TableMetadata& table,
                                 const RowsBody& body, Bytes plain) {
      for (std::size_t size = 1; size < plain.size(); size += size < 400 ? 1 : 37) {
        const Buffer part(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(size));
        RowReader reader(table, body, part);
        while (reader.next()) {
        }
        REQUIRE(reader.problem() != "");
      }
    });
  }
}

TEST_CASE("row images: MariaDB's compressed events") {
  std::size_t compressed = 0;
  for (const auto& file : test::rows_files()) {
    for_each_row_event(file, [&](const test::FileEvent&, const std::string& name, const auto&,
                                 const RowsBody& body, Bytes plain) {
      CHECK(body.compressed == (name == "app.types_compressed"));
      if (!body.compressed) return;
      ++compressed;
      CHECK(uncompressed_size(body.rows) == plain.size());
      CHECK_FALSE(uncompress_event_part(body.rows, plain.size() - 1));
      test::for_each_truncation(
          body.rows, [&](Bytes part) { REQUIRE_FALSE(uncompress_event_part(part, 1 << 20)); });
    });
  }
  CHECK(compressed == 10);
}

TEST_CASE("table metadata: every truncation of recorded TABLE_MAPs") {
  std::size_t right_ones = 0;
  for (const auto& file : test::rows_files()) {
    for (const auto& event : file.events) {
      if (event.header.type != EventType::table_map) continue;
      // Cut between two of the optional fields it is right again.
      std::size_t right = 0;
      test::for_each_truncation(event.body, [&](Bytes part) {
        TableMetadata table;
        const auto map = parse_table_map(part);
        if (map && parse_table_metadata(*map, file.format, table).empty()) ++right;
      });
      CHECK(right <= 14);
      right_ones += right;
    }
  }
  CHECK(right_ones > 0);
}

TEST_CASE("row images: partial updates of JSON documents") {
  // CREATE TABLE app.docs (id INT PRIMARY KEY, a JSON, b JSON, c JSON), of which a and c change in
  // part and b is written whole.
  TableMetadata table;
  table.columns.resize(4);
  table.columns[0].type = ColumnType::long_int;
  for (std::size_t i = 1; i < 4; ++i) {
    table.columns[i].type = ColumnType::json;
    table.columns[i].length = 4;
  }
  Buffer body;
  Writer writer(body);
  writer.u48(7).u16(1).u16(2).lenenc(4).u8(0x01).u8(0x0E);
  writer.u8(0).u32(5);           // before: the key
  writer.u8(1).u8(0b101).u8(0);  // after: options, which documents are changes, which are NULL
  const Buffer change = hex("00 03 242e78 03 05 0100");                   // replace $.x by 1
  const Buffer document = hex("04 01");                                   // true
  const Buffer changes = hex("02 03 242e79 01 04 245b305d 03 0c 01 71");  // remove $.y, insert $[0]
  writer.u32(change.size()).bytes(change).u32(document.size()).bytes(document);
  writer.u32(changes.size()).bytes(changes);

  const auto event = parse_rows_body(EventType::partial_update_rows, body);
  REQUIRE(event);
  RowReader reader(table, *event, event->rows);
  const auto row = reader.next();
  REQUIRE(row);
  CHECK(reader.problem() == "");
  CHECK(row->before->entries.size() == 1);
  CHECK(row->before->entries[0].value.text == "5");
  REQUIRE(row->after->entries.size() == 3);
  CHECK(row->after->entries[0].column == 1);
  CHECK(row->after->entries[0].value.text == R"([{"op": "replace", "path": "$.x", "value": 1}])");
  CHECK(row->after->entries[0].value.note == "changes");
  CHECK(row->after->entries[1].value.text == "true");
  CHECK(row->after->entries[1].value.note == "");
  CHECK(row->after->entries[2].value.text ==
        R"([{"op": "remove", "path": "$.y"}, {"op": "insert", "path": "$[0]", "value": "q"}])");
  CHECK_FALSE(reader.next());

  test::for_each_truncation(body, [&](Bytes part) {
    const auto cut = parse_rows_body(EventType::partial_update_rows, part);
    if (!cut) return;
    RowReader cut_reader(table, *cut, cut->rows);
    CHECK_FALSE(cut_reader.next());
    CHECK((cut->rows.empty() || !cut_reader.problem().empty()));
  });
}

TEST_CASE("row images: compressed values make a row only so large") {
  TableMetadata table;
  table.columns.resize(2);
  for (Column& column : table.columns) {
    column.type = ColumnType::blob_compressed;
    column.length = 2;
  }
  // A compressed column has the same form.
  const Buffer value = test::compressed_record(std::string(1000, 'x'));
  Buffer body = hex("070000000000 0100 02 03");
  for (int row = 0; row < 2; ++row) {
    Writer writer(body);
    writer.u8(0);
    for (int column = 0; column < 2; ++column) writer.u16(value.size()).bytes(value);
  }
  const auto event = parse_rows_body(EventType::write_rows_v1, body);
  REQUIRE(event);
  RowReader enough(table, *event, event->rows, 2000);
  CHECK(enough.next());
  CHECK(enough.next());
  CHECK_FALSE(enough.next());
  CHECK(enough.problem() == "");
  RowReader too_little(table, *event, event->rows, 1999);
  CHECK_FALSE(too_little.next());
  CHECK(too_little.problem() == "column 2: a compressed value that is damaged or too large");
}

TEST_CASE("row images: what contradicts itself") {
  TableMetadata table;
  table.columns.resize(1);
  table.columns[0].type = ColumnType::tiny;
  const auto problem_of = [&](std::string_view body_hex) {
    const Buffer body = hex(body_hex);
    const auto event = parse_rows_body(EventType::write_rows_v1, body);
    if (!event) return std::string("no row event");
    RowReader reader(table, *event, event->rows);
    while (reader.next()) {
    }
    return reader.problem();
  };
  CHECK(problem_of("070000000000 0100 01 01 00 05") == "");
  CHECK(problem_of("070000000000 0100 02 03 00 05 06") ==
        "a row event with other columns than its table");
  CHECK(problem_of("070000000000 0100 01 00 00") == "rows without a column");
  CHECK(problem_of("070000000000 0100 01 01 00 05 00") == "column 1: the row ends within a value");
  CHECK(problem_of("070000000000 0100 fd010001 00") == "no row event");
  CHECK(problem_of("070000000000 0100 fe ffffffffffffffff 00") == "no row event");
  table.columns[0].type = ColumnType::decimal;
  CHECK(problem_of("070000000000 0100 01 01 00 05") ==
        "column 1: a column of a type that cannot be read");
}

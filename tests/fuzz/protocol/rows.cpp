// Row images with the table they belong to, and what MariaDB compresses. Input: flavour, two bytes
// of length and a TABLE_MAP's body, the type of a row event and its body.
#include "fuzz/fuzz.hpp"
#include "protocol/binlog/mariadb_compression.hpp"
#include "protocol/binlog/row_images.hpp"
#include "protocol/server_limits.hpp"
#include "protocol/utf8.hpp"

using namespace sluice;
using fuzz::expect;

namespace {

constexpr std::size_t largest = 1 << 20;

void check_value(const binlog::ColumnValue& value) {
  using Kind = binlog::ColumnValue::Kind;
  if (value.kind == Kind::null) expect(value.text.empty(), "NULL has no text");
  if (value.kind == Kind::number || value.kind == Kind::decimal) {
    expect(!value.text.empty(), "a number has digits");
  }
  if (value.kind != Kind::bytes) expect(is_utf8(value.text), "a text is UTF-8");
}

void read_rows(const binlog::TableMetadata& table, const binlog::RowsBody& event, Bytes rows) {
  binlog::RowReader reader(table, event, rows);
  while (const auto row = reader.next()) {
    for (const auto* image : {&row->before, &row->after}) {
      if (!*image) continue;
      for (const auto& entry : (*image)->entries) {
        expect(entry.column < table.columns.size(), "a value belongs to a column");
        check_value(entry.value);
      }
    }
  }
}

}  // namespace

FUZZ_TARGET(rows) {
  fuzz::Choices choices(input);
  binlog::FormatDescription format;
  format.mariadb = choices.yes();
  format.version = 90704;
  const Buffer map = fuzz::exact(choices.message());
  const binlog::EventType type{choices.byte()};
  const Buffer body = fuzz::exact(choices.rest());

  binlog::TableMetadata table;
  const auto parsed = binlog::parse_table_map(map);
  const bool known = parsed && binlog::parse_table_metadata(*parsed, format, table).empty();
  expect(table.columns.size() <= max_columns, "a table has so many columns at most");
  const auto event = binlog::parse_rows_body(type, body);
  if (!known || !event) return;
  if (!event->compressed) {
    read_rows(table, *event, event->rows);
  } else if (const auto plain = binlog::uncompress_event_part(event->rows, largest)) {
    expect(plain->size() <= largest, "the limit holds");
    read_rows(table, *event, fuzz::exact(*plain));
  }
}

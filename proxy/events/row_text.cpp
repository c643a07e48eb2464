#include "proxy/events/row_text.hpp"

#include "protocol/hex.hpp"
#include "protocol/json_text.hpp"
#include "proxy/base/escaped_text.hpp"

namespace sluice::proxy::events {
namespace {

using Kind = binlog::ColumnValue::Kind;

/// Without names in the metadata, "@1" as mysqlbinlog calls the first column.
std::string name_of(const binlog::TableMetadata& table, std::size_t column) {
  const std::string& name = table.columns[column].name;
  return name.empty() ? "@" + std::to_string(column + 1) : name;
}

void print_image(const binlog::TableMetadata& table, const binlog::RowImage& image,
                 std::string_view indent, std::string_view mark, Output& out) {
  out.write(indent);
  out.write(mark);
  bool first = true;
  for (const auto& entry : image.entries) {
    out.write(first ? " " : ", ");
    first = false;
    out.write(escaped(name_of(table, entry.column)) + "=" + value_text(entry.value));
  }
  out.write("\n");
}

void print_image_json(const binlog::TableMetadata& table, const binlog::RowImage& image,
                      std::string_view which, Output& out) {
  out.write("\"" + std::string(which) + "\": {");
  bool first = true;
  for (const auto& entry : image.entries) {
    std::string text = first ? "" : ", ";
    first = false;
    append_json_string(text, name_of(table, entry.column));
    out.write(text + ": " + value_json(entry.value));
  }
  out.write("}");
}

/// The rows of an event, as far as somebody reads them and they can be held.
class ShownRows {
 public:
  ShownRows(const binlog::TableMetadata& table, const binlog::RowsBody& event, std::size_t limit,
            const Output& out)
      : reader_(table, event, event.rows, limit), out_(out), most_(out.held() + limit) {}

  std::optional<binlog::Row> next() {
    if (out_.error() != 0) return std::nullopt;
    auto row = reader_.next();
    too_many_ = row && out_.held() > most_;
    return too_many_ ? std::nullopt : std::move(row);
  }
  [[nodiscard]] std::string problem() const {
    return too_many_ ? std::string(too_large) : reader_.problem();
  }

 private:
  binlog::RowReader reader_;
  const Output& out_;
  std::size_t most_;
  bool too_many_ = false;
};

}  // namespace

std::string value_text(const binlog::ColumnValue& value) {
  std::string text;
  switch (value.kind) {
    case Kind::null:
      return "NULL";
    case Kind::number:
      return value.text + (value.note.empty() ? "" : " (" + value.note + " unsigned)");
    case Kind::decimal:
    case Kind::vector:
      return value.text;
    case Kind::bits:
      text = "b'" + value.text + "'";
      break;
    case Kind::text:
      text = proxy::quoted(value.text);
      break;
    case Kind::bytes:
      text = "x'" + to_hex(value.text) + "'";
      break;
    case Kind::json:
      text = without_controls(value.text);
      break;
  }
  if (!value.note.empty()) text += " (" + value.note + ")";
  return text;
}

std::string value_json(const binlog::ColumnValue& value) {
  std::string text;
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::number:
      if (value.note.empty()) return value.text;
      return "{\"signed\": " + value.text + ", \"unsigned\": " + value.note + "}";
    case Kind::decimal:
    case Kind::bits:
    case Kind::text:
      append_json_string(text, value.text);
      return text;
    case Kind::bytes:
      return "{\"hex\": \"" + to_hex(value.text) + "\"}";
    case Kind::vector:
      return value.text;
    case Kind::json:
      return "{\"" + (value.note.empty() ? "json" : value.note) + "\": " + value.text + "}";
  }
  return text;
}

void print_rows_text(const binlog::TableMetadata& table, const binlog::RowsBody& event,
                     std::size_t limit, std::string_view indent, Output& out) {
  ShownRows rows(table, event, limit, out);
  while (const auto row = rows.next()) {
    const bool both = row->before && row->after;
    if (row->before) print_image(table, *row->before, indent, both ? "<" : "-", out);
    if (row->after) print_image(table, *row->after, indent, both ? ">" : "+", out);
  }
  if (!rows.problem().empty()) {
    out.write(std::string(indent) + "rows that cannot be read: " + rows.problem() + "\n");
  }
}

void print_rows_json(const binlog::TableMetadata& table, const binlog::RowsBody& event,
                     std::size_t limit, Output& out, std::string& problem) {
  ShownRows rows(table, event, limit, out);
  out.write("[");
  bool first = true;
  while (const auto row = rows.next()) {
    out.write(first ? "{" : ", {");
    first = false;
    if (row->before) print_image_json(table, *row->before, "before", out);
    if (row->before && row->after) out.write(", ");
    if (row->after) print_image_json(table, *row->after, "after", out);
    out.write("}");
  }
  out.write("]");
  problem = rows.problem();
}

}  // namespace sluice::proxy::events

#include "protocol/binlog/row_images.hpp"

#include <algorithm>

#include "protocol/binlog/json_diff.hpp"
#include "protocol/server_limits.hpp"

namespace sluice::binlog {
namespace {

// sql/system_variables.h, PARTIAL_JSON_UPDATES: a bit of binlog_row_value_options.
constexpr std::uint64_t partial_json_updates = 1;

bool is_set(Bytes bits, std::size_t at) {
  return (bits[at / 8] >> (at % 8) & 1) != 0;
}

bool is_update(EventType type) {
  return type == EventType::update_rows_v1 || type == EventType::update_rows_v2 ||
         type == EventType::partial_update_rows;
}
bool is_write(EventType type) {
  return type == EventType::write_rows_v1 || type == EventType::write_rows_v2;
}

}  // namespace

bool RowsBody::has_before() const {
  return !is_write(type);
}
bool RowsBody::has_after() const {
  return is_write(type) || is_update(type);
}

std::optional<RowsBody> parse_rows_body(EventType type, Bytes body) {
  const auto layout = rows_layout(type);
  if (!layout || !parse_rows_prefix(body)) return std::nullopt;
  Cursor in(body.subspan(rows_prefix_size));
  if (layout->extra_data) {
    const std::uint16_t extra_size = in.u16();  // counts itself
    if (extra_size < 2) return std::nullopt;
    in.skip(extra_size - 2U);
  }
  RowsBody rows;
  rows.type = layout->plain;
  rows.compressed = layout->plain != type;
  rows.columns = in.lenenc();
  if (rows.columns > max_columns) return std::nullopt;
  const Bytes first = in.take((rows.columns + 7) / 8);
  if (rows.has_before()) rows.before = first;
  if (rows.has_after()) rows.after = layout->update ? in.take((rows.columns + 7) / 8) : first;
  rows.rows = in.rest();
  if (!in.ok()) return std::nullopt;
  return rows;
}

RowReader::RowReader(const TableMetadata& table, const RowsBody& event, Bytes rows,
                     std::size_t limit)
    : table_(table), event_(event), in_(rows), limit_(limit) {
  if (event.columns != table.columns.size()) {
    fail("a row event with other columns than its table");
    return;
  }
  documents_ =
      static_cast<std::size_t>(std::ranges::count(table.columns, ColumnType::json, &Column::type));
  if (event.has_before()) before_ = columns_of(event.before);
  if (event.has_after()) after_ = columns_of(event.after);
}

std::vector<RowReader::Present> RowReader::columns_of(Bytes present) const {
  std::vector<Present> columns;
  std::size_t documents = 0;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    if (is_set(present, i)) columns.push_back({i, documents});
    if (table_.columns[i].type == ColumnType::json) ++documents;
  }
  return columns;
}

std::optional<Row> RowReader::next() {
  if (!problem_.empty() || in_.remaining() == 0) return std::nullopt;
  const std::size_t left = in_.remaining();
  left_ = limit_;
  Row row;
  if (event_.has_before()) row.before = read_image(before_, false);
  if (event_.has_after() && problem_.empty()) {
    row.after = read_image(after_, event_.type == EventType::partial_update_rows);
  }
  if (!problem_.empty()) return std::nullopt;
  if (in_.remaining() == left) {
    // No column, no byte: nobody can tell how many such rows there are.
    fail("rows without a column");
    return std::nullopt;
  }
  return row;
}

/// The bits of the columns that are there and NULL, then the values of the others. An image of
/// PARTIAL_UPDATE_ROWS has its options in front, and one bit for every JSON column of the table.
std::optional<RowImage> RowReader::read_image(const std::vector<Present>& columns, bool partial) {
  Bytes diffs;
  if (partial && (in_.lenenc() & partial_json_updates) != 0) {
    diffs = in_.take((documents_ + 7) / 8);
  }
  const Bytes nulls = in_.take((columns.size() + 7) / 8);
  if (!in_.ok()) {
    fail("a row that ends too early");
    return std::nullopt;
  }

  RowImage image;
  image.entries.reserve(columns.size());
  for (const auto& [column, document] : columns) {
    const bool is_json = table_.columns[column].type == ColumnType::json;
    const bool diff = is_json && !diffs.empty() && is_set(diffs, document);
    const bool null = is_set(nulls, image.entries.size());
    image.entries.push_back({column, {}});
    if (!null && !read_entry(image, column, diff)) return std::nullopt;
  }
  return image;
}

bool RowReader::read_entry(RowImage& image, std::size_t column, bool diff) {
  ColumnValue& value = image.entries.back().value;
  std::string_view problem;
  if (diff) {
    const Bytes changes = in_.take(in_.u32());
    auto text = in_.ok() ? json_diff_text(changes) : std::nullopt;
    if (text) {
      value = {ColumnValue::Kind::json, std::move(*text), "changes"};
    } else {
      problem = "changes of a JSON document that cannot be read";
    }
  } else {
    problem = read_column_value(in_, table_.columns[column], value, left_);
  }
  left_ -= std::min(left_, value.text.size());
  if (!problem.empty()) fail("column " + std::to_string(column + 1) + ": " + std::string(problem));
  return problem.empty();
}

void RowReader::fail(std::string_view reason) {
  problem_ = reason;
}

}  // namespace sluice::binlog

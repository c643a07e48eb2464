#include "protocol/wire/result_set.hpp"

namespace sluice::wire {

namespace {

constexpr std::uint8_t null_marker = 0xFB;
constexpr std::uint8_t fixed_fields_size = 12;

}  // namespace

std::optional<ColumnDefinition> parse_column_definition(Bytes payload) {
  Cursor in(payload);
  ColumnDefinition column;
  in.lenenc_text();  // always "def"
  column.schema = in.lenenc_text();
  column.table = in.lenenc_text();
  column.org_table = in.lenenc_text();
  column.name = in.lenenc_text();
  column.org_name = in.lenenc_text();
  if (in.lenenc() < fixed_fields_size) return std::nullopt;
  column.charset = in.u16();
  column.length = in.u32();
  column.type = in.u8();
  column.flags = in.u16();
  column.decimals = in.u8();
  in.skip(2);
  if (!in.ok()) return std::nullopt;
  return column;
}

std::optional<Row> parse_row(Bytes payload, std::size_t columns) {
  Row row;
  while (row.size() < columns) {
    if (payload.empty()) return std::nullopt;
    if (payload[0] == null_marker) {
      row.emplace_back(std::nullopt);
      payload = payload.subspan(1);
      continue;
    }
    Cursor in(payload);
    const auto value = in.lenenc_text();
    if (!in.ok()) return std::nullopt;
    row.emplace_back(value);
    payload = payload.last(in.remaining());
  }
  if (!payload.empty()) return std::nullopt;
  return row;
}

ResponseReader::Progress AnswerCollector::feed(Bytes payload) {
  if (payload.size() > budget_) return ResponseReader::Progress::malformed;
  budget_ -= payload.size();
  const auto progress = reader_.feed(payload);
  if (progress == ResponseReader::Progress::malformed || !collect(payload)) {
    budget_ = 0;
    return ResponseReader::Progress::malformed;
  }
  if (reader_.last_part() == ResponseReader::Part::rows_end) first_set_ended_ = true;
  return progress;
}

bool AnswerCollector::collect(Bytes payload) {
  using Part = ResponseReader::Part;
  const auto part = reader_.last_part();
  if (part == Part::error) {
    error_ = parse_err(payload);
    return error_.has_value();
  }
  if (first_set_ended_) return true;
  if (part == Part::column) {
    auto column = parse_column_definition(payload);
    if (!column) return false;
    set_.columns.push_back(std::move(*column));
  } else if (part == Part::row) {
    auto row = parse_row(payload, set_.columns.size());
    if (!row) return false;
    set_.rows.push_back(std::move(*row));
  }
  return true;
}

}  // namespace sluice::wire

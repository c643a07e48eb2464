// Rows for people and for programs.
#pragma once

#include <string>

#include "protocol/binlog/row_images.hpp"
#include "proxy/events/output.hpp"

namespace sluice::proxy::events {

inline constexpr std::string_view too_large = "they are too large";

// `event` is without compression, `limit` for what of its rows is held at a time: one of them, and
// all that `out` keeps.

/// A line a row and image: "+ id=1, name='x'" for a new row, "-" for one that is gone, "<" and ">"
/// for a row before and after its change.
void print_rows_text(const binlog::TableMetadata& table, const binlog::RowsBody& event,
                     std::size_t limit, std::string_view indent, Output& out);

/// `[{"after": {"id": 1, "name": "x"}}, ...]`, and in `problem` why there are not more. DECIMAL is
/// a string, bytes are {"hex": "00ff"}, JSON documents {"json": ...}, changes to one {"changes":
/// [...]}, numbers of which nothing tells whether they have a sign {"signed": -1, "unsigned": 255}.
void print_rows_json(const binlog::TableMetadata& table, const binlog::RowsBody& event,
                     std::size_t limit, Output& out, std::string& problem);

/// As it stands behind "id=".
[[nodiscard]] std::string value_text(const binlog::ColumnValue& value);
[[nodiscard]] std::string value_json(const binlog::ColumnValue& value);

}  // namespace sluice::proxy::events

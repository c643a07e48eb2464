// What the text that stands before the rows of a statement (ROWS_QUERY, ANNOTATE_ROWS) tells.
#pragma once

#include <string_view>

#include "filters/rules/table_rules.hpp"
#include "protocol/binlog/format_description.hpp"

namespace sluice::filters {

/// Whether the statement may have changed a table that is dropped, beside that of the kept
/// TABLE_MAP behind its text. Where one table of a statement is transactional and another is not,
/// their rows are in two groups, and the text stands before the first TABLE_MAP alone
/// (sql/handler.cc, write_locked_table_maps).
///
/// `truncated`: there is more of the text. `schema`: that of the TABLE_MAP's table. The session's
/// default schema is not in the binlog here: it may be that one, or the system schema.
[[nodiscard]] bool annotation_tells_of_dropped(std::string_view text, bool truncated,
                                               std::string_view schema,
                                               const binlog::FormatDescription& format,
                                               const TableRules& rules);

/// Whether the text names the table as one does that changes it: as a word of its own, before
/// columns, values and what is only read. In a stored function servers log the text of the
/// statement within it, which may be about a table whose rows are in another group, and need not
/// name its schema.
[[nodiscard]] bool annotation_names(std::string_view text, std::string_view table);

}  // namespace sluice::filters

// One value of a row image, made readable.
#pragma once

#include <string>
#include <string_view>

#include "protocol/binlog/column.hpp"
#include "protocol/bytes.hpp"

namespace sluice::binlog {

struct ColumnValue {
  enum class Kind {
    null,
    number,   ///< as JSON writes numbers
    decimal,  ///< exact, too long for many a reader of JSON
    bits,     ///< binary digits, as many as the column has
    text,     ///< UTF-8; also times, and members of ENUM and SET
    bytes,    ///< anything
    vector,   ///< a list of numbers, as JSON writes it
    json,     ///< a document, or a list of changes to one
  };

  Kind kind = Kind::null;
  std::string text;
  /// What else there is to say: of a number what it is without its sign, if nothing tells whether
  /// it has one; the kind of a geometry; "changes" of a JSON document, if it is not the whole one.
  std::string note;
};

/// max_allowed_packet has no larger value, so no column has.
inline constexpr std::size_t max_column = std::size_t{1} << 30;

/// Reads the value of a column that is not NULL (sql/log_event.cc, log_event_print_value; MariaDB
/// sql/log_event_client.cc). A text is the reason why nothing behind it can be read either.
/// `limit`: of a compressed value, without the compression.
[[nodiscard]] std::string_view read_column_value(Cursor& in, const Column& column,
                                                 ColumnValue& value,
                                                 std::size_t limit = max_column);

}  // namespace sluice::binlog

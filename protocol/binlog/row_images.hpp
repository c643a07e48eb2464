// The rows of a row event: for each the columns that it has before, after, or before and after the
// change (sql/log_event.cc, Rows_log_event::print_verbose_one_row).
#pragma once

#include <optional>

#include "protocol/binlog/column_value.hpp"
#include "protocol/binlog/rows_event.hpp"
#include "protocol/binlog/table_metadata.hpp"

namespace sluice::binlog {

/// A row event as far as it can be read without its table.
struct RowsBody {
  EventType type{};  ///< without MariaDB's compression
  std::uint64_t columns = 0;
  Bytes before;  ///< one bit a column: it is in the images from before the change
  Bytes after;   ///< the same for those from after it
  Bytes rows;    ///< compressed, when the event is
  bool compressed = false;

  [[nodiscard]] bool has_before() const;
  [[nodiscard]] bool has_after() const;
};

/// `body` is the whole event without header and checksum; the result points into it.
[[nodiscard]] std::optional<RowsBody> parse_rows_body(EventType type, Bytes body);

struct RowImage {
  struct Entry {
    std::size_t column = 0;
    ColumnValue value;
  };
  std::vector<Entry> entries;  ///< only those that the event has
};

struct Row {
  std::optional<RowImage> before;
  std::optional<RowImage> after;
};

class RowReader {
 public:
  /// `rows` are the event's without compression. Table, event and rows must outlive the reader. A
  /// row cannot be read whose compressed values make it larger than `limit`.
  RowReader(const TableMetadata& table, const RowsBody& event, Bytes rows,
            std::size_t limit = max_column);

  /// The next row; nothing at the end, and where the rows cannot be read.
  [[nodiscard]] std::optional<Row> next();
  /// Why they cannot; empty when they can.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  /// A column that the event's images have.
  struct Present {
    std::size_t column = 0;
    std::size_t document = 0;  // of JSON: its number among those of the table
  };
  [[nodiscard]] std::vector<Present> columns_of(Bytes present) const;
  std::optional<RowImage> read_image(const std::vector<Present>& columns, bool partial);
  bool read_entry(RowImage& image, std::size_t column, bool diff);
  void fail(std::string_view reason);

  const TableMetadata& table_;
  const RowsBody& event_;
  // Looked up once: a row may have one of thousands of columns.
  std::vector<Present> before_;
  std::vector<Present> after_;
  std::size_t documents_ = 0;  // columns of JSON, of the table
  Cursor in_;
  std::size_t limit_;
  std::size_t left_ = 0;  // of it, for the row under way
  std::string problem_;
};

}  // namespace sluice::binlog

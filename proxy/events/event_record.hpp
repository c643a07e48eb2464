// What is told of an event: read out of it once, for people, for programs and for the summary.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "filters/stream/event_observer.hpp"
#include "protocol/binlog/file_check.hpp"
#include "protocol/binlog/row_images.hpp"

namespace sluice::proxy::events {

/// A table as its TABLE_MAP announced it.
struct MappedTable {
  std::string schema;
  std::string table;
  binlog::TableMetadata metadata;
  std::string problem;  ///< why its row events cannot be read
};

struct EventRecord {
  const filters::SeenEvent& seen;
  const std::string& file;
  std::uint64_t position;   ///< in the file, which is not the master's if this is a relay log
  const std::string& gtid;  ///< of the group it belongs to; empty without
  std::optional<filters::StatementKind> statement{};
  std::string default_schema{};        ///< of a statement
  std::optional<std::string> text{};   ///< of a statement, or as much as is there
  const MappedTable* table = nullptr;  ///< of TABLE_MAP and row events
  bool maps_table = false;             ///< it is the TABLE_MAP
  bool of_no_table = false;            ///< a row event without rows, which only ends a statement
  bool stops = false;                  ///< the stream, as it is refused or cannot be judged
  std::string detail{};                ///< what else there is to say in a word or two

  [[nodiscard]] bool has_rows() const;
  // Of the table; without its TABLE_MAP as far as the filter has told.
  [[nodiscard]] std::string_view schema_name() const {
    return table != nullptr ? table->schema : seen.subject.schema;
  }
  [[nodiscard]] std::string_view table_name() const {
    return table != nullptr ? table->table : seen.subject.table;
  }
};

/// Reads the events of one file, in order, or single ones.
class EventReader {
 public:
  /// How much of an event it needs.
  struct Needs {
    bool rows = false;
    bool statements = false;
  };
  EventReader(std::string file, Needs needs) : file_(std::move(file)), needs_(needs) {}

  [[nodiscard]] static std::size_t bytes_wanted(const binlog::EventHeader& header, Needs needs);
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const {
    return bytes_wanted(header, needs_);
  }
  /// The next event is the first of another file, which goes on where the one before it ended.
  void go_on_in(std::string file);
  /// The next event lies there, in the group of that GTID, and what came before is not known. For
  /// events that are read one by one.
  void begin_at(std::uint64_t position, std::string gtid);
  /// The record is good until the next event is read.
  [[nodiscard]] EventRecord read(const filters::SeenEvent& seen);

  /// Rows of larger events are not shown: they would have to be held in memory.
  static constexpr std::size_t max_rows_event = std::size_t{64} << 20;

 private:
  void read_statement(EventRecord& record, Bytes body) const;
  void read_table_map(EventRecord& record, Bytes body);
  void read_rows(EventRecord& record, Bytes body);
  void forget_tables();
  void read_detail(EventRecord& record, Bytes body);

  std::string file_;
  Needs needs_;
  std::uint64_t position_ = 0;  // of the event read last
  std::uint64_t next_position_ = binlog::file_magic_size;
  std::string gtid_;
  std::map<std::uint64_t, MappedTable> tables_;  // by number, of the statement under way
  std::size_t mapped_bytes_ = 0;                 // of their TABLE_MAPs
  bool statement_ended_ = false;
};

}  // namespace sluice::proxy::events

// What stands in the place of a dropped event: an event of the same size that does nothing.
//
// A replica finds its position by adding up sizes and may come back after any event, so a dropped
// event is neither left out nor merged, and nothing of it but timestamp, server id, size and
// position remains. Which kind of no-op is right where is the judge's business (event_judge.hpp).
#pragma once

#include <array>
#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::filters {

/// A no-op, written piece by piece over the bytes of the event that it replaces, so that an event
/// of a gigabyte needs no more memory than a small one.
class NoOp {
 public:
  /// IGNORABLE_LOG_EVENT: replicas count it and go on. Fits everywhere, but ends no group.
  [[nodiscard]] static std::optional<NoOp> ignorable(const binlog::EventHeader& dropped,
                                                     binlog::Checksum checksum);

  /// A QUERY that commits nothing under the GTID before it: for a statement that is a group of its
  /// own. The text is never exactly "COMMIT", which parallel appliers of 5.6 refuse after a GTID.
  [[nodiscard]] static std::optional<NoOp> commit(const binlog::EventHeader& dropped,
                                                  binlog::Checksum checksum);

  /// A QUERY that sets a savepoint: gives a transaction of which nothing is left the one event
  /// that appliers which parallelise by database need to find a worker for it.
  [[nodiscard]] static std::optional<NoOp> savepoint(const binlog::EventHeader& dropped,
                                                     binlog::Checksum checksum);

  /// Whether savepoint() has one for it.
  [[nodiscard]] static bool can_be_savepoint(const binlog::EventHeader& dropped,
                                             binlog::Checksum checksum);

  /// A row event for no table, in place of one of a statement of which something is kept. `dropped`
  /// must be a row event, and `flags` are its own (rows_flag): it ends the statement or not, and
  /// the first row event of a statement says for all which checks are off (MariaDB's
  /// sql/log_event_server.cc, Rows_log_event::do_apply_event).
  [[nodiscard]] static std::optional<NoOp> rows_of_no_table(const binlog::EventHeader& dropped,
                                                            binlog::Checksum checksum,
                                                            std::uint16_t flags);

  /// Writes the next piece of the no-op over `piece`. All pieces together are the whole event.
  void overwrite(MutableBytes piece);

 private:
  static constexpr std::size_t max_head_size = 64;

  NoOp(const binlog::EventHeader& dropped, binlog::Checksum checksum, binlog::EventType type,
       std::uint16_t flags);
  static std::optional<NoOp> query(const binlog::EventHeader& dropped, binlog::Checksum checksum,
                                   std::string_view statement);

  void append(std::uint64_t value, std::size_t width);
  void append(std::string_view text);
  [[nodiscard]] std::size_t body_end() const { return size_ - checksum_size_; }
  [[nodiscard]] bool fits() const { return head_size_ + tail_.size() <= body_end(); }

  std::array<std::uint8_t, max_head_size> head_{};  ///< the event's first bytes
  std::size_t head_size_ = 0;
  std::uint8_t filler_ = 0;  ///< what follows them
  std::string_view tail_;    ///< and what ends the body
  std::size_t size_;
  std::size_t checksum_size_;
  std::size_t written_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace sluice::filters

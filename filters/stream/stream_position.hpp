// Where in the master's binlog a stream is.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/binlog/event_header.hpp"
#include "protocol/bytes.hpp"

namespace sluice::filters {

/// A place in the master's binlog.
struct Coordinates {
  std::string file;
  std::uint64_t position = 0;
  bool operator==(const Coordinates&) const = default;
};

/// Follows the position as a replica does: by sizes, since within transactions MariaDB 11.4 and
/// later writes none (sql/slave.cc, queue_event). What the dump thread makes up is not in the file
/// and has no size there.
class StreamPosition {
 public:
  /// The end of the last event that was passed.
  [[nodiscard]] const Coordinates& end() const { return end_; }
  /// The time stamp of the newest event that is in the master's file, in Unix time; 0: none was, or
  /// a heartbeat has said since that the master has nothing newer.
  [[nodiscard]] std::uint32_t newest() const { return newest_; }
  /// Where the event that comes next begins, in so far as it is in the file at all.
  [[nodiscard]] std::uint64_t begin_of(const binlog::EventHeader& header) const;

  /// A stream that no ROTATE precedes begins here.
  void begin(Coordinates here) { end_ = std::move(here); }
  /// `event` is whole if it is a ROTATE or a heartbeat.
  void pass(const binlog::EventHeader& header, Bytes event, binlog::Checksum checksum) {
    const auto end = static_cast<std::uint32_t>(end_.position + header.size);
    if (end == header.log_pos && header.log_pos != 0 && is_in_file(header)) {  // as most are
      newest_ = header.timestamp;
      end_.position += header.size;
    } else {
      pass_other(header, event, checksum);
    }
  }

 private:
  /// Whether it is sure to lie in the file.
  static bool is_in_file(const binlog::EventHeader& header) {
    return (header.flags & binlog::event_flag::artificial) == 0 && !is_heartbeat(header.type);
  }
  void pass_other(const binlog::EventHeader& header, Bytes event, binlog::Checksum checksum);
  void pass_heartbeat(const binlog::EventHeader& header, Bytes body);
  [[nodiscard]] std::uint64_t nearest(std::uint32_t low_bits) const;

  Coordinates end_;
  std::uint32_t newest_ = 0;
};

}  // namespace sluice::filters

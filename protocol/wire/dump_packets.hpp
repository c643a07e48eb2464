// The packets behind COM_BINLOG_DUMP, followed through whatever pieces their bytes come in. Only
// their headers are looked at, and what semi-synchronous replication has put before the event.
#pragma once

#include <optional>

#include "protocol/bytes.hpp"

namespace sluice::wire {

class DumpPackets {
 public:
  /// `semi_sync`: the replica has asked for it. The master's first packet shows whether it is on.
  explicit DumpPackets(bool semi_sync) : semi_sync_(semi_sync) {}

  struct Step {
    std::size_t size = 0;  ///< bytes taken
    /// Where in them the packet's sequence number is, if it is there.
    std::optional<std::size_t> sequence_at;
    /// The replica answers when it has come so far, and both sides count from 1 behind it.
    bool ack_wanted = false;
    /// They end with a packet that is empty: the event before it was a multiple of 16 MiB - 1.
    bool empty_packet = false;
  };
  /// Takes bytes off the front, at most to the end of the packet under way.
  [[nodiscard]] Step follow(Bytes bytes);

 private:
  static constexpr std::size_t max_head = 7;
  [[nodiscard]] std::size_t head_size() const;
  void begin_event();

  bool semi_sync_;
  std::optional<bool> marked_;        // known from the first event on
  std::uint8_t head_[max_head] = {};  // packet header, and what is before the event
  std::size_t seen_ = 0;              // bytes of the packet under way
  std::size_t length_ = 0;            // of its payload
  bool continues_ = false;            // it goes on with the event of the packet before it
  bool ack_wanted_ = false;           // behind the event under way
};

/// Numbers the packets of a dump as a master does that sends them as they are. Within the
/// compressed protocol they have the numbers of the compressed packets now and then
/// (sql-common/net_serv.cc, net_flush), which clients do not look at.
class DumpNumbering {
 public:
  /// `next`: of the packet that comes first.
  explicit DumpNumbering(bool semi_sync, std::uint8_t next = 1)
      : packets_(semi_sync), next_(next) {}
  void renumber(MutableBytes bytes);
  /// Of the packet behind the last one of which the number was there.
  [[nodiscard]] std::uint8_t next() const { return next_; }

 private:
  DumpPackets packets_;
  std::uint8_t next_;
};

}  // namespace sluice::wire

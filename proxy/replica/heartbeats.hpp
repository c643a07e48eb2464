// Heartbeats of Sluice's own, for a replica to which nothing can go for a while.
//
// A replica takes its connection for dead after replica_net_timeout without a packet. The master
// makes heartbeats for it when it has nothing to send, and none while Sluice holds what it sends:
// a compressed transaction until all of it is there, the head of a statement (the data of a LOAD
// DATA, a long text) until it can be judged, or everything until it is known what a group is about
// that began before the replica's position.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "filters/stream/stream_filter.hpp"
#include "protocol/wire/dump_packets.hpp"

namespace sluice::proxy {

class Heartbeats {
 public:
  using Clock = std::chrono::steady_clock;

  /// What the replica has asked for.
  struct Wish {
    std::chrono::nanoseconds period{0};  ///< @master_heartbeat_period; 0: none
    bool version_2 = false;              ///< the flag in a dump command of MySQL
  };

  explicit Heartbeats(Wish wish) : wish_(wish) {}

  /// `silence`: how long the replica has been sent nothing.
  [[nodiscard]] bool is_due(Clock::duration silence) const {
    return wish_.period.count() > 0 &&
           silence >= std::max<Clock::duration>(wish_.period, shortest_period);
  }
  /// A packet to be sent behind what the filter has released, while it is_waiting(). Empty: it is
  /// not, or none can be made there, as behind 4 GiB of a file in version 1.
  [[nodiscard]] Buffer next(const filters::StreamFilter& filter);

  /// Of what the filter has released, before it goes: it comes behind the heartbeats.
  void renumber(MutableBytes released) {
    if (numbering_) numbering_->renumber(released);
  }
  /// Of the packet that comes behind all of it.
  [[nodiscard]] std::uint8_t next_sequence(const filters::StreamFilter& filter) const {
    return numbering_ ? numbering_->next() : filter.next_sequence();
  }

 private:
  /// However often a replica wants them: it waits for a second at least (replica_net_timeout).
  static constexpr std::chrono::milliseconds shortest_period{200};

  Wish wish_;
  std::optional<wire::DumpNumbering> numbering_;  // since the first heartbeat
};

}  // namespace sluice::proxy

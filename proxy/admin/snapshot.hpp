// What the admin interface tells of: relays and sessions as they were at one moment, with the rates
// since the moment before. Taken once a second whatever is asked, so that questions cost the relays
// nothing.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/replica/relay.hpp"
#include "proxy/replica/session_status.hpp"

namespace sluice::proxy::admin {

struct Rates {
  double bytes = 0;  ///< a second, like the others
  double events = 0;
  double dropped_events = 0;
};

struct SessionSnapshot {
  SessionStatus status;
  Rates rates;
  /// Of its dump, behind the end of the master's binlog as it was at the last probe.
  std::optional<std::uint64_t> bytes_behind;
};

/// One second of a relay's last minutes.
struct Moment {
  std::int64_t time = 0;  ///< Unix time in milliseconds
  Rates rates;
  double seconds_behind = 0;
  std::size_t streaming = 0;
};

struct RelaySnapshot {
  std::shared_ptr<Relay> relay;
  MasterReach master;
  std::size_t logging_in = 0;
  std::size_t idle = 0;
  std::size_t streaming = 0;
  double seconds_behind = 0;                  ///< of its slowest dump
  std::optional<std::uint64_t> bytes_behind;  ///< likewise; nullopt: of none it is known
  Rates rates;
  std::deque<Moment> history;  ///< the oldest first

  [[nodiscard]] const std::string& name() const { return relay->config().name; }
};

struct Snapshot {
  std::chrono::system_clock::time_point time;
  std::vector<RelaySnapshot> relays;
  std::vector<SessionSnapshot> sessions;  ///< by id
  bool draining = false;

  /// Every relay's master was reached by the last probe, and new replicas are let in.
  [[nodiscard]] bool is_ready() const;
};

/// Adds those sessions that have not answered, as they were: they are there all the same.
void keep_silent(const Snapshot& before, const std::vector<std::uint32_t>& silent,
                 std::vector<SessionStatus>& sessions);

/// The snapshot that follows on `before`. `relays` are those of the configuration by now.
[[nodiscard]] Snapshot make_snapshot(const Snapshot& before,
                                     const std::vector<std::shared_ptr<Relay>>& relays,
                                     std::vector<SessionStatus> sessions,
                                     std::chrono::system_clock::time_point now);

}  // namespace sluice::proxy::admin

#include "proxy/admin/snapshot.hpp"

#include <algorithm>

namespace sluice::proxy::admin {
namespace {

/// A relay remembers five minutes.
constexpr std::size_t history_length = 300;

Rates rates_between(const filters::StreamCounters& before, const filters::StreamCounters& now,
                    double seconds) {
  const auto rate = [seconds](std::uint64_t earlier, std::uint64_t later) {
    return seconds > 0 && later > earlier ? static_cast<double>(later - earlier) / seconds : 0.0;
  };
  return {rate(before.bytes, now.bytes), rate(before.events, now.events),
          rate(before.dropped_events, now.dropped_events)};
}

const SessionSnapshot* find(const Snapshot& snapshot, std::uint32_t id) {
  const auto found = std::lower_bound(snapshot.sessions.begin(), snapshot.sessions.end(), id,
                                      [](const SessionSnapshot& session, std::uint32_t wanted) {
                                        return session.status.id < wanted;
                                      });
  return found != snapshot.sessions.end() && found->status.id == id ? &*found : nullptr;
}

void add(RelaySnapshot& relay, const SessionSnapshot& session) {
  switch (session.status.state) {
    case SessionStatus::State::login:
      ++relay.logging_in;
      break;
    case SessionStatus::State::idle:
      ++relay.idle;
      break;
    case SessionStatus::State::streaming:
      ++relay.streaming;
      break;
  }
  relay.rates.bytes += session.rates.bytes;
  relay.rates.events += session.rates.events;
  relay.rates.dropped_events += session.rates.dropped_events;
  relay.seconds_behind = std::max(relay.seconds_behind, session.status.behind.count());
  relay.bytes_behind = std::max(relay.bytes_behind, session.bytes_behind);
}

RelaySnapshot make_relay(const Snapshot& before, Snapshot& now,
                         const std::shared_ptr<Relay>& relay) {
  RelaySnapshot made;
  made.relay = relay;
  made.master = as_of(std::chrono::steady_clock::now(), relay->master_reach(),
                      relay->config().master.connect_timeout);
  for (const auto& earlier : before.relays) {
    if (earlier.name() == made.name()) made.history = earlier.history;
  }
  for (auto& session : now.sessions) {
    if (session.status.relay != made.name()) continue;
    if (made.master.binlogs && session.status.state == SessionStatus::State::streaming) {
      session.bytes_behind =
          made.master.binlogs->bytes_behind(session.status.file, session.status.position);
    }
    add(made, session);
  }
  const auto time =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time.time_since_epoch());
  made.history.push_back({time.count(), made.rates, made.seconds_behind, made.streaming});
  if (made.history.size() > history_length) made.history.pop_front();
  return made;
}

}  // namespace

bool Snapshot::is_ready() const {
  return !draining && !relays.empty() &&
         std::all_of(relays.begin(), relays.end(), [](const RelaySnapshot& relay) {
           return relay.master.state == MasterReach::State::reached;
         });
}

void keep_silent(const Snapshot& before, const std::vector<std::uint32_t>& silent,
                 std::vector<SessionStatus>& sessions) {
  for (const std::uint32_t id : silent) {
    if (const auto* earlier = find(before, id)) sessions.push_back(earlier->status);
  }
}

Snapshot make_snapshot(const Snapshot& before, const std::vector<std::shared_ptr<Relay>>& relays,
                       std::vector<SessionStatus> sessions,
                       std::chrono::system_clock::time_point now) {
  Snapshot made;
  made.time = now;
  made.draining = before.draining;
  const double seconds = std::chrono::duration<double>(now - before.time).count();
  std::sort(sessions.begin(), sessions.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  for (SessionStatus& status : sessions) {
    SessionSnapshot session;
    if (const auto* earlier = find(before, status.id)) {
      session.rates = rates_between(earlier->status.counters, status.counters, seconds);
    }
    session.status = std::move(status);
    made.sessions.push_back(std::move(session));
  }
  for (const auto& relay : relays) made.relays.push_back(make_relay(before, made, relay));
  return made;
}

}  // namespace sluice::proxy::admin

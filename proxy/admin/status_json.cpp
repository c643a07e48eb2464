#include "proxy/admin/status_json.hpp"

#include <boost/json.hpp>
#include <ctime>

#include "protocol/utf8.hpp"
#include "protocol/wire/server_version.hpp"
#include "proxy/config/config_values.hpp"
#include "proxy/events/event_printer.hpp"

namespace sluice::proxy::admin {

namespace json = boost::json;

namespace {

/// RFC 3339, in UTC.
std::string time_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

std::string version_text(std::string_view version) {
  return repaired_utf8(wire::without_replication_prefix(version));
}

std::string_view name_of(MasterReach::State state) {
  switch (state) {
    case MasterReach::State::unknown:
      return "unknown";
    case MasterReach::State::reached:
      return "reached";
    case MasterReach::State::lost:
      return "lost";
  }
  return {};
}

json::value or_null(std::optional<std::uint64_t> number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object to_json(const Rates& rates) {
  return {
      {"bytes", rates.bytes}, {"events", rates.events}, {"dropped_events", rates.dropped_events}};
}

json::object dropped_json(const filters::StreamCounters& counters) {
  json::object by_rule;
  for (std::size_t i = 0; i < filters::drop_rules; ++i) {
    const auto& dropped = counters.by_rule.at(i);
    if (dropped.events == 0) continue;
    by_rule[filters::to_string(static_cast<filters::DropRule>(i))] = {{"events", dropped.events},
                                                                      {"bytes", dropped.bytes}};
  }
  return {{"events", counters.dropped_events},
          {"bytes", counters.dropped_bytes},
          {"by_rule", std::move(by_rule)}};
}

json::object types_json(const filters::StreamCounters& counters) {
  json::object by_type;
  for (std::size_t type = 0; type < counters.by_type.size(); ++type) {
    if (counters.by_type.at(type) == 0) continue;
    by_type[events::type_text(static_cast<binlog::EventType>(type))] = counters.by_type.at(type);
  }
  return by_type;
}

json::object to_json(const SessionSnapshot& session) {
  const SessionStatus& status = session.status;
  json::object made{{"id", status.id},
                    {"relay", status.relay},
                    {"state", to_string(status.state)},
                    {"since", time_text(status.since)},
                    {"peer", status.peer},
                    {"user", repaired_utf8(status.user)},
                    {"replica",
                     {{"server_id", status.server_id},
                      {"uuid", repaired_utf8(status.uuid)},
                      {"client", repaired_utf8(status.client_name)},
                      {"version", repaired_utf8(status.client_version)},
                      {"program", repaired_utf8(status.program)},
                      {"tls", status.replica_tls},
                      {"compression", status.replica_compression}}},
                    {"master",
                     {{"address", status.master},
                      {"version", version_text(status.master_version)},
                      {"tls", status.master_tls},
                      {"compression", status.master_compression}}}};
  if (status.state != SessionStatus::State::streaming) {
    made["dump"] = nullptr;
    return made;
  }
  made["dump"] = {{"mode", status.by_gtid ? "gtid" : "position"},
                  {"semi_sync", status.semi_sync},
                  {"file", repaired_utf8(status.file)},
                  {"position", status.position},
                  {"gtid", status.gtid},
                  {"seconds_behind", status.behind.count()},
                  {"bytes_behind", or_null(session.bytes_behind)},
                  {"bytes", status.counters.bytes},
                  {"events", status.counters.events},
                  {"events_by_type", types_json(status.counters)},
                  {"dropped", dropped_json(status.counters)},
                  {"payloads_opened", status.counters.payloads},
                  {"acknowledgements", status.acknowledgements},
                  {"rates", to_json(session.rates)}};
  return made;
}

json::array to_json(const std::deque<Moment>& history) {
  json::array made;
  for (const Moment& moment : history) {
    made.push_back({{"time", moment.time},
                    {"bytes", moment.rates.bytes},
                    {"events", moment.rates.events},
                    {"dropped_events", moment.rates.dropped_events},
                    {"seconds_behind", moment.seconds_behind},
                    {"streaming", moment.streaming}});
  }
  return made;
}

json::object to_json(const RelaySnapshot& relay) {
  json::array listen;
  for (const auto& address : relay.relay->config().listen) {
    listen.push_back(json::string(to_text(address)));
  }
  const auto identity = relay.relay->known_master().get();
  return {{"name", relay.name()},
          {"listen", std::move(listen)},
          {"master",
           {{"address", relay.relay->master()->address()},
            {"version", identity ? version_text(identity->version) : ""},
            {"state", name_of(relay.master.state)},
            {"error", repaired_utf8(relay.master.error)}}},
          {"sessions",
           {{"login", relay.logging_in}, {"idle", relay.idle}, {"streaming", relay.streaming}}},
          {"seconds_behind", relay.seconds_behind},
          {"bytes_behind", or_null(relay.bytes_behind)},
          {"rates", to_json(relay.rates)},
          {"history", to_json(relay.history)}};
}

}  // namespace

std::string status_json(const Snapshot& snapshot) {
  json::array relays;
  for (const auto& relay : snapshot.relays) relays.push_back(to_json(relay));
  json::array sessions;
  for (const auto& session : snapshot.sessions) sessions.push_back(to_json(session));
  return json::serialize(json::object{{"version", SLUICE_VERSION},
                                      {"time", time_text(snapshot.time)},
                                      {"draining", snapshot.draining},
                                      {"relays", std::move(relays)},
                                      {"sessions", std::move(sessions)}});
}

std::string alive_json(std::chrono::steady_clock::duration waits) {
  json::object made{{"alive", waits < ThreadWatch::longest_wait}};
  if (waits >= ThreadWatch::longest_wait) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waits).count();
    made["error"] = "a thread of the relays has been held up for " + std::to_string(seconds) +
                    " s: restart Sluice";
  }
  return json::serialize(made);
}

std::string ready_json(const Snapshot& snapshot, bool details) {
  json::object made{{"ready", snapshot.is_ready()}};
  if (!details) return json::serialize(made);
  json::object relays;
  for (const auto& relay : snapshot.relays) {
    relays[relay.name()] = {{"master", name_of(relay.master.state)},
                            {"error", repaired_utf8(relay.master.error)}};
  }
  made["draining"] = snapshot.draining;
  made["relays"] = std::move(relays);
  return json::serialize(made);
}

}  // namespace sluice::proxy::admin

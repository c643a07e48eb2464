#include "proxy/metrics/metrics.hpp"

#include <openssl/crypto.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "proxy/log/logging.hpp"

namespace sluice::proxy {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;
using prometheus::Registry;

namespace {

/// In seconds. What Sluice adds is some ten microseconds, more where a side cannot follow.
constexpr Timings::Boundaries latency_buckets{0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005,
                                              0.001,   0.002,   0.005,   0.01,   0.05,   0.1,
                                              0.5,     1,       5,       30};
constexpr Timings::Boundaries network_buckets{
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};

Histogram::BucketBoundaries boundaries(const Timings::Boundaries& buckets) {
  return {buckets.begin(), buckets.end()};
}

Family<Counter>& counter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& histogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

/// To what is counted elsewhere.
void set(Family<Counter>& family, double value) {
  auto& counter = family.Add({});
  counter.Increment(value - counter.Value());
}

void forget(Family<Gauge>& family, const Labels& labels) {
  if (family.Has(labels)) family.Remove(&family.Add(labels));
}

/// nullopt: there is no certificate.
void set_expiry(Family<Gauge>& family, const Labels& labels, std::optional<std::int64_t> time) {
  if (time) {
    family.Add(labels).Set(static_cast<double>(*time));
  } else {
    forget(family, labels);
  }
}

const char* name_of(RelayMetrics::Leg leg) {
  return leg == RelayMetrics::Leg::master ? "master" : "replica";
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double resident_bytes() {
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

struct RelayMetrics::Families {
  explicit Families(Registry& registry) : all(registry) {}

  Registry& all;

  Family<Gauge>& build_info = gauge(all, "sluice_build_info",
                                    "1; the labels say which version of Sluice and OpenSSL runs.");
  Family<Gauge>& start_time =
      gauge(all, "sluice_start_time_seconds", "When the program was started, in Unix time.");
  Family<Gauge>& resident_memory =
      gauge(all, "sluice_resident_memory_bytes", "Memory of the whole program, in bytes.");
  Family<Counter>& cpu = counter(all, "sluice_cpu_seconds_total",
                                 "Time on processors, of the program and of the kernel for it.");
  Family<Gauge>& reload_successful = gauge(
      all, "sluice_config_last_reload_successful",
      "1 if the last loading of the configuration (SIGHUP) took effect, else 0: the one before "
      "runs on.");
  Family<Gauge>& reload_time = gauge(all, "sluice_config_last_reload_success_timestamp_seconds",
                                     "When the configuration that runs was loaded, in Unix time.");
  Family<Counter>& log_lines_lost =
      counter(all, "sluice_log_lines_lost_total",
              "Lines of the log that were lost because it could not be written in time.");

  Family<Counter>& connections =
      counter(all, "sluice_connections_total", "Connections that were accepted from replicas.");
  Family<Counter>& logins = counter(all, "sluice_logins_total", "Replicas that have logged in.");
  Family<Counter>& refused = counter(all, "sluice_logins_refused_total",
                                     "Connections that did not become a session, by reason: "
                                     "address, proxy_header, too_many_logins, tls, credentials, "
                                     "too_many_sessions, version, master_unreachable, broken.");
  Family<Counter>& tls =
      counter(all, "sluice_tls_handshakes_total",
              "TLS handshakes that succeeded, by leg (master, replica), version and cipher.");
  Family<Gauge>& certificate_expiry =
      gauge(all, "sluice_certificate_expiry_timestamp_seconds",
            "When Sluice's own certificate on this leg expires, or one that it sends along if that "
            "is earlier, in Unix time.");
  Family<Gauge>& admin_certificate_expiry =
      gauge(all, "sluice_admin_certificate_expiry_timestamp_seconds",
            "When the certificate of the admin interface expires, or one that it sends along if "
            "that is earlier, in Unix time.");
  Family<Counter>& admin_refused =
      counter(all, "sluice_admin_refused_total",
              "Requests to the admin interface without the token, with a wrong one, or from a page "
              "of elsewhere.");

  Family<Counter>& master_connections = counter(all, "sluice_master_connections_total",
                                                "Connections to the master that have logged in.");
  Family<Counter>& master_failures =
      counter(all, "sluice_master_connection_failures_total",
              "Connections to the master that could not be made, or did not log in.");
  Family<Histogram>& master_connect_seconds =
      histogram(all, "sluice_master_connect_seconds",
                "From looking up the master's name to being logged in.");
  Family<Gauge>& master_reachable = gauge(
      all, "sluice_master_reachable", "1 if the last probe could log in to the master, else 0.");

  Family<Gauge>& sessions =
      gauge(all, "sluice_sessions",
            "Replicas' connections now, by state: login, idle (logged in), streaming.");
  Family<Counter>& dumps = counter(all, "sluice_dumps_started_total",
                                   "Dumps that replicas asked for, by mode: position, gtid.");
  Family<Counter>& reconnects =
      counter(all, "sluice_reconnects_total", "Dumps of a replica that had one before.");
  Family<Counter>& dumps_refused =
      counter(all, "sluice_dumps_refused_by_master_total",
              "Dumps that the master ended with an error, by reason: fatal (the replica stops for "
              "good), same_id (another took its server_uuid or server_id), came_back (it did so "
              "itself, over a new connection), other (it tries again).");
  Family<Counter>& failed_streams =
      counter(all, "sluice_streams_stopped_total",
              "Dumps that were stopped because something in them could not be judged.");
  Family<Counter>& bytes =
      counter(all, "sluice_bytes_total",
              "Bytes of dumps, by direction: down (events to replicas), up (acknowledgements).");
  Family<Counter>& events =
      counter(all, "sluice_events_total", "Events of dumps, by their type in the master's binlog.");
  Family<Counter>& dropped_events = counter(
      all, "sluice_dropped_events_total",
      "Events replaced by ones that do nothing, by rule: system_schema, accounts, ignore, only.");
  Family<Counter>& dropped_bytes =
      counter(all, "sluice_dropped_bytes_total", "Bytes of those events, by rule.");
  Family<Counter>& payloads = counter(all, "sluice_payloads_opened_total",
                                      "Compressed transactions that were looked into.");
  Family<Counter>& heartbeats =
      counter(all, "sluice_heartbeats_total", "Heartbeats of the master that were passed on.");
  Family<Counter>& acknowledgements =
      counter(all, "sluice_semi_sync_acks_total",
              "Semi-synchronous acknowledgements passed to the master.");
  Family<Histogram>& acknowledgement_delay =
      histogram(all, "sluice_semi_sync_ack_delay_seconds",
                "From the last bytes sent to the replica to its acknowledgement.");
  Family<Histogram>& latency = histogram(
      all, "sluice_added_latency_seconds",
      "From the read of events to the end of their write: judging, patching, encrypting, and "
      "waiting for the replica to take them.");
  Family<Gauge>& seconds_behind = gauge(
      all, "sluice_seconds_behind",
      "How old the newest event is that the relay's slowest dump has passed on, while the "
      "master has more, by this machine's clock and the master's; 0 if none has; NaN if there "
      "is no dump.");
  Family<Gauge>& bytes_behind =
      gauge(all, "sluice_bytes_behind",
            "Bytes from the place of the relay's slowest dump to the end that the master's binlog "
            "had at the last probe; NaN if that is not known, or there is no dump.");
};

RelayMetrics::RelayMetrics(Families& families, std::string relay)
    : families_(families),
      relay_(std::move(relay)),
      acknowledgement_delays_(network_buckets),
      latencies_(latency_buckets) {}

void RelayMetrics::appear() {
  if (connections_ != nullptr) return;
  Families& families = families_;
  const Labels ours{{"relay", relay_}};
  connections_ = &families.connections.Add(ours);
  logins_ = &families.logins.Add(ours);
  for (std::size_t i = 0; i < login_refusals; ++i) {
    const auto reason = proxy::to_string(static_cast<LoginRefusal>(i));
    refused_.at(i) = &families.refused.Add(with("reason", reason));
  }
  master_failures_ = &families.master_failures.Add(ours);
  master_connections_ = &families.master_connections.Add(ours);
  master_connect_seconds_ = &families.master_connect_seconds.Add(ours, boundaries(network_buckets));
  dumps_ = {&families.dumps.Add(with("mode", "position")),
            &families.dumps.Add(with("mode", "gtid"))};
  reconnects_ = &families.reconnects.Add(ours);
  for (std::size_t i = 0; i < dump_refusals; ++i) {
    const auto reason = proxy::to_string(static_cast<DumpRefusal>(i));
    dumps_refused_.at(i) = &families.dumps_refused.Add(with("reason", reason));
  }
  failed_streams_ = &families.failed_streams.Add(ours);
  down_ = &families.bytes.Add(with("direction", "down"));
  up_ = &families.bytes.Add(with("direction", "up"));
  payloads_ = &families.payloads.Add(ours);
  heartbeats_ = &families.heartbeats.Add(ours);
  acknowledgements_ = &families.acknowledgements.Add(ours);
  acknowledgement_delay_ = &families.acknowledgement_delay.Add(ours, boundaries(network_buckets));
  latency_ = &families.latency.Add(ours, boundaries(latency_buckets));
  for (std::size_t i = 0; i < filters::drop_rules; ++i) {
    const auto rule = filters::to_string(static_cast<filters::DropRule>(i));
    dropped_events_.at(i) = &families.dropped_events.Add(with("rule", rule));
    dropped_bytes_.at(i) = &families.dropped_bytes.Add(with("rule", rule));
  }
  appeared_.store(true, std::memory_order_release);
}

void RelayMetrics::tls_started(Leg leg, const std::string& version, const std::string& cipher) {
  families_.tls
      .Add({{"relay", relay_}, {"leg", name_of(leg)}, {"version", version}, {"cipher", cipher}})
      .Increment();
}

void RelayMetrics::master_connected(Seconds took) {
  master_connections_->Increment();
  master_connect_seconds_->Observe(took.count());
}

void RelayMetrics::dump_started(bool by_gtid, bool again) {
  dumps_.at(by_gtid ? 1 : 0)->Increment();
  if (again) reconnects_->Increment();
}

void RelayMetrics::acknowledged(Seconds delay) {
  acknowledgements_->Increment();
  acknowledgement_delays_.add(delay);
}

void RelayMetrics::report(const filters::StreamCounters& now, filters::StreamCounters& reported) {
  const auto add = [](Counter* counter, std::uint64_t value, std::uint64_t& before) {
    if (value == before) return;
    counter->Increment(static_cast<double>(value - before));
    before = value;
  };
  add(down_, now.bytes, reported.bytes);
  add(payloads_, now.payloads, reported.payloads);
  for (std::size_t i = 0; i < filters::drop_rules; ++i) {
    add(dropped_events_[i], now.by_rule[i].events, reported.by_rule[i].events);
    add(dropped_bytes_[i], now.by_rule[i].bytes, reported.by_rule[i].bytes);
  }
  if (now.events == reported.events) return;
  reported.events = now.events;
  for (std::size_t i = 0; i < now.type_count; ++i) {
    const binlog::EventType event = now.types[i];
    const auto type = static_cast<std::size_t>(event);
    if (now.by_type[type] == reported.by_type[type]) continue;
    if (binlog::is_heartbeat(event)) {
      heartbeats_->Increment(static_cast<double>(now.by_type[type] - reported.by_type[type]));
    }
    Counter* counter = events_[type].load(std::memory_order_acquire);
    if (counter == nullptr) {
      counter =
          &families_.events.Add({{"relay", relay_}, {"type", std::string(binlog::name_of(event))}});
      events_[type].store(counter, std::memory_order_release);
    }
    add(counter, now.by_type[type], reported.by_type[type]);
  }
}

std::map<std::string, std::string> RelayMetrics::with(const char* label,
                                                      std::string_view value) const {
  return {{"relay", relay_}, {label, std::string(value)}};
}

void RelayMetrics::master_probed(bool reached) {
  families_.master_reachable.Add({{"relay", relay_}}).Set(reached ? 1 : 0);
}

void RelayMetrics::set_certificate_expiry(Leg leg, std::optional<std::int64_t> expiry) {
  set_expiry(families_.certificate_expiry, with("leg", name_of(leg)), expiry);
}

void RelayMetrics::forget_master() {
  forget(families_.master_reachable, {{"relay", relay_}});
  for (const Leg leg : {Leg::master, Leg::replica}) set_certificate_expiry(leg, std::nullopt);
}

void RelayMetrics::set_sessions(std::size_t logging_in, std::size_t idle, std::size_t streaming) {
  const auto set = [this](const char* state, std::size_t number) {
    families_.sessions.Add(with("state", state)).Set(static_cast<double>(number));
  };
  set("login", logging_in);
  set("idle", idle);
  set("streaming", streaming);
}

void RelayMetrics::set_behind(std::optional<Seconds> seconds) {
  families_.seconds_behind.Add({{"relay", relay_}}).Set(seconds ? seconds->count() : std::nan(""));
}

void RelayMetrics::set_bytes_behind(std::optional<std::uint64_t> bytes) {
  families_.bytes_behind.Add({{"relay", relay_}})
      .Set(bytes ? static_cast<double>(*bytes) : std::nan(""));
}

void RelayMetrics::forget_sessions() {
  for (const char* const state : {"login", "idle", "streaming"}) {
    forget(families_.sessions, with("state", state));
  }
  forget(families_.seconds_behind, {{"relay", relay_}});
  forget(families_.bytes_behind, {{"relay", relay_}});
}

void Metrics::set_admin_certificate_expiry(std::optional<std::int64_t> expiry) {
  set_expiry(families_->admin_certificate_expiry, {}, expiry);
}

void Metrics::admin_refused() {
  families_->admin_refused.Add({}).Increment();
}

Metrics::Metrics() : families_(std::make_unique<RelayMetrics::Families>(registry_)) {
  families_->build_info
      .Add({{"version", SLUICE_VERSION}, {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)}})
      .Set(1);
  families_->start_time.Add({}).Set(unix_time());
  families_->admin_refused.Add({});
  configuration_loaded(true);
}

Metrics::~Metrics() = default;

void Metrics::configuration_loaded(bool successfully) {
  families_->reload_successful.Add({}).Set(successfully ? 1 : 0);
  if (successfully) families_->reload_time.Add({}).Set(unix_time());
}

std::shared_ptr<RelayMetrics> Metrics::of_relay(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& relay = relays_[name];
  if (!relay) relay.reset(new RelayMetrics(*families_, name));
  return relay;
}

void RelayMetrics::take_over_timings() {
  if (!appeared_.load(std::memory_order_acquire)) return;
  acknowledgement_delays_.move_to(*acknowledgement_delay_);
  latencies_.move_to(*latency_);
}

std::string Metrics::text() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, relay] : relays_) relay->take_over_timings();
  }
  families_->resident_memory.Add({}).Set(resident_bytes());
  set(families_->cpu, cpu_seconds());
  set(families_->log_lines_lost, static_cast<double>(log::lost_lines()));
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace sluice::proxy

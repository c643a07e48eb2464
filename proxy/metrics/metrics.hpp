// Everything that Sluice counts, for Prometheus: names, units and help texts stand in metrics.cpp.
//
// What is counted on the way of the data is added up in plain numbers there, and reported once for
// each buffer. Labels come from the configuration and from fixed lists, never from a peer.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "filters/stream/stream_counters.hpp"
#include "proxy/metrics/dump_refusal.hpp"
#include "proxy/metrics/login_refusal.hpp"
#include "proxy/metrics/timings.hpp"

namespace sluice::proxy {

/// The counters of one relay. They live as long as the program; for all threads.
class RelayMetrics {
 public:
  using Seconds = std::chrono::duration<double>;
  enum class Leg { master, replica };

  /// Its counters are there, at 0, from the first call on. Nothing is counted before it.
  void appear();
  void connection_came() { connections_->Increment(); }
  void login_accepted() { logins_->Increment(); }
  void login_refused(LoginRefusal why) { refused_[static_cast<std::size_t>(why)]->Increment(); }
  void tls_started(Leg leg, const std::string& version, const std::string& cipher);

  void master_connected(Seconds took);
  void master_not_connected() { master_failures_->Increment(); }

  void dump_started(bool by_gtid, bool again);
  /// By the master, with an error.
  void dump_refused(DumpRefusal why) { dumps_refused_[static_cast<std::size_t>(why)]->Increment(); }
  void stream_failed() { failed_streams_->Increment(); }
  void bytes_up(std::uint64_t bytes) { up_->Increment(static_cast<double>(bytes)); }
  void acknowledged(Seconds delay);
  void added_latency(Seconds latency) { latencies_.add(latency); }
  /// Adds what `now` has more than `reported`, and makes them equal.
  void report(const filters::StreamCounters& now, filters::StreamCounters& reported);

  // What is so now. A relay that was removed has none of it, so that no alert is about it. Those
  // of the master and the certificates are one thread's, those of the sessions that of who
  // collects.
  void master_probed(bool reached);
  /// In Unix time; nullopt: there is no certificate.
  void set_certificate_expiry(Leg leg, std::optional<std::int64_t> expiry);
  void forget_master();
  void set_sessions(std::size_t logging_in, std::size_t idle, std::size_t streaming);
  /// nullopt: no dump runs.
  void set_behind(std::optional<Seconds> seconds);
  /// nullopt: not known.
  void set_bytes_behind(std::optional<std::uint64_t> bytes);
  void forget_sessions();

 private:
  friend class Metrics;
  struct Families;
  RelayMetrics(Families& families, std::string relay);
  void take_over_timings();
  [[nodiscard]] std::map<std::string, std::string> with(const char* label,
                                                        std::string_view value) const;

  Families& families_;
  std::string relay_;
  prometheus::Counter* connections_ = nullptr;
  prometheus::Counter* logins_ = nullptr;
  std::array<prometheus::Counter*, login_refusals> refused_{};
  prometheus::Counter* master_failures_ = nullptr;
  prometheus::Counter* master_connections_ = nullptr;
  prometheus::Histogram* master_connect_seconds_ = nullptr;
  std::array<prometheus::Counter*, 2> dumps_{};
  prometheus::Counter* reconnects_ = nullptr;
  std::array<prometheus::Counter*, dump_refusals> dumps_refused_{};
  prometheus::Counter* failed_streams_ = nullptr;
  prometheus::Counter* down_ = nullptr;
  prometheus::Counter* up_ = nullptr;
  prometheus::Counter* payloads_ = nullptr;
  prometheus::Counter* heartbeats_ = nullptr;
  prometheus::Counter* acknowledgements_ = nullptr;
  prometheus::Histogram* acknowledgement_delay_ = nullptr;
  prometheus::Histogram* latency_ = nullptr;
  std::atomic<bool> appeared_ = false;
  Timings acknowledgement_delays_;
  Timings latencies_;
  std::array<prometheus::Counter*, filters::drop_rules> dropped_events_{};
  std::array<prometheus::Counter*, filters::drop_rules> dropped_bytes_{};
  /// Made when the first event of a type comes; those without a name share one.
  std::array<std::atomic<prometheus::Counter*>, 256> events_{};
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same for the same name, also after a loading of the configuration.
  [[nodiscard]] std::shared_ptr<RelayMetrics> of_relay(const std::string& name);
  void set_admin_certificate_expiry(std::optional<std::int64_t> expiry);
  void admin_refused();
  /// Or could not be, and the one before stays. The first one is.
  void configuration_loaded(bool successfully);
  /// All, in Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string text();

 private:
  prometheus::Registry registry_;
  std::unique_ptr<RelayMetrics::Families> families_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<RelayMetrics>> relays_;
};

}  // namespace sluice::proxy

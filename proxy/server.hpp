// The whole program at work: relays, listeners, threads and signals.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>
#include <memory>
#include <string>
#include <vector>

#include "proxy/config.hpp"
#include "proxy/listener.hpp"
#include "proxy/master_probe.hpp"
#include "proxy/relay.hpp"
#include "proxy/thread_pool.hpp"

namespace sluice::proxy {

class Server {
 public:
  explicit Server(Config config);

  /// Loads certificates and listens on all addresses. The error is a sentence; empty: ready.
  [[nodiscard]] std::string open();

  /// Serves until SIGTERM or SIGINT has come and the sessions have ended, or their time is over. A
  /// second signal ends it at once.
  void run();

 private:
  void wait_for_signal();
  void drain();
  void check_drained();
  void end_sessions(const std::string& reason);

  Config config_;
  ThreadPool threads_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer drain_timer_;
  std::chrono::steady_clock::time_point drain_until_;
  enum class Phase { serving, draining, ending } phase_ = Phase::serving;
  std::vector<std::shared_ptr<Relay>> relays_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::vector<std::shared_ptr<MasterProbe>> probes_;
};

}  // namespace sluice::proxy

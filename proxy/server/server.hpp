// The whole program at work: relays, listeners, threads and signals.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "proxy/admin/admin_server.hpp"
#include "proxy/config/config.hpp"
#include "proxy/event_loop/thread_pool.hpp"
#include "proxy/replica/relay.hpp"
#include "proxy/server/listener.hpp"
#include "proxy/server/master_probe.hpp"
#include "proxy/server/service_manager.hpp"

namespace sluice::proxy {

class Server {
 public:
  /// `path`: where SIGHUP finds the configuration.
  Server(Config config, std::filesystem::path path);

  /// What stands against a configuration, in sentences.
  struct Problems {
    std::vector<std::string> configuration;  ///< such as certificates: it must be mended
    std::vector<std::string> addresses;      ///< somebody else may have them, for a while

    [[nodiscard]] bool empty() const { return configuration.empty() && addresses.empty(); }
    [[nodiscard]] std::vector<std::string> all() const;
  };

  /// Loads certificates and listens on all addresses.
  [[nodiscard]] Problems open();

  /// Serves until SIGTERM or SIGINT has come and the sessions have ended, or their time is over. A
  /// second signal ends it at once.
  void run();

 private:
  /// What one loading of the configuration has made.
  struct Generation {
    std::vector<std::shared_ptr<Relay>> relays;
    struct Place {
      std::shared_ptr<Listener> listener;
      std::shared_ptr<Relay> relay;
    };
    std::vector<Place> places;
    std::vector<std::shared_ptr<MasterProbe>> probes;  ///< one for each relay

    /// Null when there is no relay of that name.
    [[nodiscard]] std::shared_ptr<Relay> find(std::string_view name) const;
  };

  Generation prepare(std::vector<RelayConfig> relays, Problems& problems);
  void prepare_places(const std::shared_ptr<Relay>& relay, Generation& next, Problems& problems);
  [[nodiscard]] std::shared_ptr<Listener> find_listener(const ListenAddress& address) const;
  [[nodiscard]] std::shared_ptr<Listener> find_overlapping(const ListenAddress& address) const;
  Generation adopt(Generation next);

  void open_admin(Problems& problems);
  void wait_for_signal(boost::asio::signal_set& signals);
  void on_signal(int signal);
  void reload();
  void load_anew();
  void refuse(const Problems& problems);
  void log_changes(const Generation& before) const;
  [[nodiscard]] std::string summary() const;
  void drain_changed();
  void drain();
  void check_drained();
  void end_sessions(const std::string& reason);

  Config config_;
  std::filesystem::path path_;
  ServiceManager manager_;
  std::string refused_;  // why the last loading of the configuration took no effect, if it did not
  // Sessions use the metrics to their end, and they end with the threads.
  std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();
  ThreadPool threads_;
  // Apart, as a set hands out all of one signal before the next: many reloads must not delay the
  // end.
  boost::asio::signal_set end_signals_;
  boost::asio::signal_set reload_signal_;
  Timer drain_timer_;
  std::chrono::steady_clock::time_point drain_until_;
  enum class Phase { serving, draining, ending } phase_ = Phase::serving;
  std::shared_ptr<SessionRegistry> sessions_ = std::make_shared<SessionRegistry>();
  Generation now_;
  std::unique_ptr<admin::AdminServer> admin_;  // none unless configured
};

}  // namespace sluice::proxy

// One [[relay]] of the configuration: a master, and what all sessions of its replicas share.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "filters/rules/networks.hpp"
#include "filters/rules/table_rules.hpp"
#include "protocol/auth/account.hpp"
#include "proxy/log/logging.hpp"
#include "proxy/log/once_per_second.hpp"
#include "proxy/master/master_connection.hpp"
#include "proxy/master/master_identity.hpp"
#include "proxy/master/master_reach.hpp"
#include "proxy/replica/known_contexts.hpp"
#include "proxy/replica/known_replicas.hpp"
#include "proxy/replica/login_places.hpp"
#include "proxy/replica/places.hpp"
#include "proxy/replica/session_registry.hpp"
#include "proxy/replica/shared_table_notes.hpp"

namespace sluice::proxy {

/// A relay as one loading of the configuration has it: a session keeps the one it began with.
/// Immutable but for the members that say otherwise; used from all threads.
class Relay {
 public:
  /// What outlives a loading of the configuration. Safe from all threads.
  struct State {
    KnownMaster known_master;  ///< also if the master is another one: most likely of its version
    KnownReplicas known_replicas;
    LoginPlaces login_places;
    Places session_places;
    log::OncePerSecond refusals;
  };
  /// What outlives a loading as long as the master stays the same.
  struct MasterState {
    LastReach reach;
    std::shared_ptr<SharedTableNotes> table_notes = std::make_shared<SharedTableNotes>();
  };

  /// Loads the certificates. `before`: the relay that this one takes the place of, or null. The
  /// error is a sentence that names the file.
  [[nodiscard]] static boost::system::result<std::shared_ptr<Relay>, std::string> make(
      RelayConfig config, std::shared_ptr<SessionRegistry> sessions,
      std::shared_ptr<RelayMetrics> metrics, const Relay* before);

  [[nodiscard]] const RelayConfig& config() const { return config_; }
  [[nodiscard]] const std::shared_ptr<const MasterTarget>& master() const { return master_; }
  [[nodiscard]] const std::shared_ptr<const filters::TableRules>& rules() const { return rules_; }
  [[nodiscard]] const filters::NetworkList& allowed() const { return config_.replica.allow; }
  /// Null: TLS is not offered.
  [[nodiscard]] const TlsContext& replica_tls() const { return replica_tls_; }
  [[nodiscard]] log::Context log() const { return log::Context{{"relay", config_.name}}; }

  // What changes, each safe from all threads.
  [[nodiscard]] KnownMaster& known_master() { return state_->known_master; }
  [[nodiscard]] RelayMetrics& metrics() { return *master_->metrics; }
  [[nodiscard]] MasterReach master_reach() const { return master_state_->reach.get(); }
  /// Whether a first look at it is over, whatever was seen.
  [[nodiscard]] bool master_was_tried() const {
    return master_reach().state != MasterReach::State::unknown;
  }
  void set_master_reach(MasterReach reach) { master_state_->reach.set(std::move(reach)); }
  [[nodiscard]] KnownReplicas& known_replicas() { return state_->known_replicas; }
  [[nodiscard]] const std::shared_ptr<KnownContexts>& known_contexts() { return known_contexts_; }
  /// Those of all relays.
  [[nodiscard]] SessionRegistry& sessions() { return *sessions_; }
  /// Empty when all are taken. `drop` ends the login when somebody else needs its place more
  /// (LoginPlaces).
  [[nodiscard]] LoginPlaces::Place take_login_place(const std::string& host,
                                                    std::function<void()> drop) {
    return state_->login_places.take(host, config_.replica.max_logins, std::move(drop));
  }
  /// Lines about logins that were refused before a word was said.
  [[nodiscard]] log::OncePerSecond& refusals() { return state_->refusals; }
  [[nodiscard]] Places::Place take_session_place() {
    return state_->session_places.take(config_.replica.max_sessions);
  }
  [[nodiscard]] const std::shared_ptr<SharedTableNotes>& table_notes() {
    return master_state_->table_notes;
  }
  [[nodiscard]] auth::Account find_account(std::string_view user) const;
  void remember(std::string_view user, const auth::Sha256Digest& digest);

  /// In the metrics: when they expire.
  void show_certificates();

  /// Logs what is unusual about this relay: a leg without TLS or with an old one.
  void log_warnings() const;

 private:
  Relay(RelayConfig config, std::shared_ptr<SessionRegistry> sessions, std::shared_ptr<State> state,
        std::shared_ptr<MasterState> master_state);

  RelayConfig config_;
  std::shared_ptr<const MasterTarget> master_;
  std::shared_ptr<const filters::TableRules> rules_;
  TlsContext replica_tls_;

  std::shared_ptr<SessionRegistry> sessions_;
  std::shared_ptr<State> state_;
  std::shared_ptr<MasterState> master_state_;
  std::shared_ptr<KnownContexts> known_contexts_ = std::make_shared<KnownContexts>();
  mutable std::mutex accounts_mutex_;
  auth::Accounts accounts_;
};

}  // namespace sluice::proxy

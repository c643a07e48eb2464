// One [[relay]] of the configuration: a master, and what all sessions of its replicas share.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "filters/networks.hpp"
#include "filters/table_rules.hpp"
#include "protocol/auth/account.hpp"
#include "proxy/logging.hpp"
#include "proxy/master_connection.hpp"
#include "proxy/master_identity.hpp"
#include "proxy/places.hpp"
#include "proxy/session_registry.hpp"

namespace sluice::proxy {

/// Immutable but for the members that say otherwise; used from all threads.
class Relay {
 public:
  /// Loads the certificates. The error is a sentence that names the file.
  [[nodiscard]] static boost::system::result<std::shared_ptr<Relay>, std::string> make(
      RelayConfig config);

  [[nodiscard]] const RelayConfig& config() const { return config_; }
  [[nodiscard]] const std::shared_ptr<const MasterTarget>& master() const { return master_; }
  [[nodiscard]] const std::shared_ptr<const filters::TableRules>& rules() const { return rules_; }
  [[nodiscard]] const filters::NetworkList& allowed() const { return config_.replica.allow; }
  /// Null: TLS is not offered.
  [[nodiscard]] const TlsContext& replica_tls() const { return replica_tls_; }
  [[nodiscard]] log::Context log() const { return log::Context{{"relay", config_.name}}; }

  // What changes, each safe from all threads.
  [[nodiscard]] KnownMaster& known_master() { return known_master_; }
  [[nodiscard]] SessionRegistry& sessions() { return sessions_; }
  [[nodiscard]] Places& login_places() { return login_places_; }
  [[nodiscard]] Places& session_places() { return session_places_; }
  [[nodiscard]] std::uint32_t next_thread_id() { return ++last_thread_id_; }
  [[nodiscard]] auth::Account find_account(std::string_view user) const;
  void remember(std::string_view user, const auth::Sha256Digest& digest);

  /// Logs what is unusual about this relay: a leg without TLS, an unfiltered stream.
  void log_warnings() const;

 private:
  explicit Relay(RelayConfig config);

  RelayConfig config_;
  std::shared_ptr<const MasterTarget> master_;
  std::shared_ptr<const filters::TableRules> rules_;
  TlsContext replica_tls_;

  KnownMaster known_master_;
  SessionRegistry sessions_;
  Places login_places_;
  Places session_places_;
  std::atomic<std::uint32_t> last_thread_id_{0};
  mutable std::mutex accounts_mutex_;
  auth::Accounts accounts_;
};

}  // namespace sluice::proxy

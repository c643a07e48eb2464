#include "proxy/replica/relay.hpp"

#include <algorithm>

#include "proxy/config/config_changes.hpp"
#include "proxy/tls/context_certificates.hpp"

namespace sluice::proxy {

Relay::Relay(RelayConfig config, std::shared_ptr<SessionRegistry> sessions,
             std::shared_ptr<State> state, std::shared_ptr<MasterState> master_state)
    : config_(std::move(config)),
      sessions_(std::move(sessions)),
      state_(std::move(state)),
      master_state_(std::move(master_state)) {}

boost::system::result<std::shared_ptr<Relay>, std::string> Relay::make(
    RelayConfig config, std::shared_ptr<SessionRegistry> sessions,
    std::shared_ptr<RelayMetrics> metrics, const Relay* before) {
  auto state = before ? before->state_ : std::make_shared<State>();
  auto master_state = before && is_same_server(before->config_.master, config.master)
                          ? before->master_state_
                          : std::make_shared<MasterState>();
  std::shared_ptr<Relay> relay(
      new Relay(std::move(config), std::move(sessions), std::move(state), std::move(master_state)));
  const RelayConfig& made = relay->config_;
  const auto failed = [&](const std::string& error) { return "relay " + made.name + ": " + error; };

  auto target = make_master_target(made.master);
  if (!target) return failed(target.error().text);
  target->keepalive = made.keepalive;
  target->metrics = std::move(metrics);
  relay->master_ = std::make_shared<const MasterTarget>(*std::move(target));

  if (made.replica.tls.mode != ReplicaTlsMode::disabled) {
    auto tls = make_tls_context(made.replica.tls);
    if (!tls) return failed(tls.error().text);
    relay->replica_tls_ = *tls;
  }

  relay->rules_ = std::make_shared<const filters::TableRules>(made.filter.rules);
  if (before && before->master_state_ == relay->master_state_ &&
      before->config_.filter.rules == made.filter.rules) {
    relay->known_contexts_ = before->known_contexts_;
  }
  for (const auth::Account& account : made.replica.users) {
    // With what was learned of it since (remember()), if it is the same.
    const bool same = before && std::ranges::find(before->config_.replica.users, account) !=
                                    before->config_.replica.users.end();
    relay->accounts_.add(same ? before->find_account(account.name) : account);
  }
  return relay;
}

auth::Account Relay::find_account(std::string_view user) const {
  const std::lock_guard lock(accounts_mutex_);
  return accounts_.find(user);
}

void Relay::remember(std::string_view user, const auth::Sha256Digest& digest) {
  const std::lock_guard lock(accounts_mutex_);
  accounts_.remember(user, digest);
}

void Relay::show_certificates() {
  metrics().set_certificate_expiry(RelayMetrics::Leg::master, certificate_expiry(master_->tls));
  metrics().set_certificate_expiry(RelayMetrics::Leg::replica, certificate_expiry(replica_tls_));
}

void Relay::log_warnings() const {
  const auto context = log();
  if (config_.master.tls.mode == MasterTlsMode::disabled) {
    context.warn(
        "no TLS towards the master: the binlog and its accounts cross that network in the clear");
  } else if (config_.master.tls.mode == MasterTlsMode::required) {
    context.warn("the master's certificate is not verified: anybody there can pose as the master");
  }
  if (config_.replica.tls.mode == ReplicaTlsMode::disabled) {
    context.warn("no TLS towards the replicas: the binlog crosses that network in the clear");
  } else if (config_.replica.tls.mode == ReplicaTlsMode::optional) {
    context.warn("replicas may connect without TLS");
  }
  const auto warn_of = [&](const TlsContext& tls, std::string_view leg, const std::string& file) {
    const std::string problem = certificate_problem(tls);
    if (problem.empty()) return;
    context.warn("the certificate must be renewed",
                 {{"leg", leg}, {"file", file}, {"reason", problem}});
  };
  warn_of(master_->tls, "master", config_.master.tls.cert);
  warn_of(replica_tls_, "replica", config_.replica.tls.cert);
  const auto warn_of_trust = [&](const TlsContext& tls, std::string_view leg,
                                 const std::string& file) {
    const std::string problem = file.empty() ? "" : authorities_problem(tls);
    if (problem.empty()) return;
    context.warn("the authorities must be renewed",
                 {{"leg", leg}, {"file", file}, {"reason", problem}});
  };
  warn_of_trust(master_->tls, "master", config_.master.tls.ca);
  warn_of_trust(replica_tls_, "replica", config_.replica.tls.client_ca);
  if (config_.master.tls.min_version < TlsVersion::tls_1_2 ||
      config_.replica.tls.min_version < TlsVersion::tls_1_2) {
    context.warn("TLS older than 1.2 is allowed, with ciphers that are no longer safe");
  }
}

}  // namespace sluice::proxy

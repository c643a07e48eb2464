#include "proxy/check/replica_users.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view plugin_manual =
    "dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html";

}  // namespace

std::string why_no_login(const auth::Account& user, const ServerFacts* replica,
                         const CloudRules& cloud, const ReplicaTls& tls) {
  // Of a password in the clear there are all hashes.
  if (user.verifier.supports(auth::native_password_plugin)) return {};
  const std::string hash =
      "the password_hash of " + user.name + " is for caching_sha2_password only, ";
  if (cloud.cloud == Cloud::mariadb || (replica != nullptr && !replica->is_mysql(5, 7, 23))) {
    return hash + "which MariaDB and MySQL before 5.7.23 do not log in with";
  }
  if (tls.mode == ReplicaTlsMode::disabled) {
    return hash + "which needs TLS (mode in [relay.replica.tls]) for the first login";
  }
  return {};
}

std::string why_no_certificate(const ReplicaTls& tls, const CloudRules& cloud) {
  if (tls.client_ca.empty() || cloud.shows_certificate) return {};
  return "client_ca in [relay.replica.tls] demands a certificate of the replica, and " +
         std::string(cloud.name) + " has none to show";
}

namespace {

Requirement judge_client_ca(const ReplicaTls& tls, const CloudRules& cloud) {
  Requirement found{"client certificate", State::ok, "none is demanded", {}, cloud.source};
  if (tls.client_ca.empty()) return found;
  found.reason = "the replica must show one, signed by " + tls.client_ca;
  if (auto why = why_no_certificate(tls, cloud); !why.empty()) {
    found.state = State::fail;
    found.reason = std::move(why);
    found.remedy = {
        "# in [relay.replica.tls], take out client_ca, and name the replica's address "
        "in [relay.replica] allow"};
  }
  return found;
}

}  // namespace

Findings judge_replica_users(const ReplicaConfig& config, const ServerFacts* replica,
                             const CloudRules& cloud) {
  Requirement found{"password hashes", State::ok, "a replica can log in", {}, plugin_manual};
  std::size_t refused = 0;
  for (const auth::Account& user : config.users) {
    std::string why = why_no_login(user, replica, cloud, config.tls);
    if (why.empty()) continue;
    ++refused;
    found.reason = std::move(why);
    found.remedy.push_back("sluice passwd --native    # a password_hash for " + user.name);
  }
  // Another user may be for this replica.
  if (refused > 0) found.state = refused == config.users.size() ? State::fail : State::warn;
  return {found, judge_client_ca(config.tls, cloud)};
}

}  // namespace sluice::proxy::check

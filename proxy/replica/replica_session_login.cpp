// ReplicaSession's first part: address, greeting, TLS, login, and the master's connection.
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

#include "filters/rules/versions.hpp"
#include "protocol/wire/server_error.hpp"
#include "protocol/wire/server_version.hpp"
#include "proxy/replica/replica_session.hpp"

namespace sluice::proxy {

using auth::ServerLogin;

namespace {

/// Before somebody has logged in he may make Sluice hold this much of a packet.
constexpr std::size_t max_login_packet = std::size_t{16} << 10;

/// Random, but neither NUL, at which clients stop reading, nor '$', which servers avoid too
/// (mysys/crypt_genhash_impl.cc, generate_user_salt). Throws where OpenSSL has no random numbers.
std::string make_nonce() {
  std::array<unsigned char, wire::nonce_size> random{};
  std::string nonce;
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  for (const unsigned char byte : random) {
    char c = static_cast<char>(byte & 0x7F);
    if (c == '\0' || c == '$') ++c;
    nonce.push_back(c);
  }
  return nonce;
}

auth::TlsPolicy tls_policy(const ReplicaTls& tls) {
  switch (tls.mode) {
    case ReplicaTlsMode::disabled:
      return auth::TlsPolicy::off;
    case ReplicaTlsMode::optional:
      break;
    case ReplicaTlsMode::required:
      return auth::TlsPolicy::required;
  }
  // Without TLS there is no client certificate, and one is demanded.
  return tls.client_ca.empty() ? auth::TlsPolicy::optional : auth::TlsPolicy::required;
}

/// By the error that the login has ended with. Only who has shown a password, or would have to with
/// a plugin, has come with credentials.
LoginRefusal refusal_by(std::uint16_t error) {
  using wire::ErrorCode;
  switch (static_cast<ErrorCode>(error)) {
    case ErrorCode::secure_transport_required:
      return LoginRefusal::tls;
    case ErrorCode::handshake_error:
    case ErrorCode::net_packets_out_of_order:
      return LoginRefusal::broken;
    default:
      return LoginRefusal::credentials;
  }
}

}  // namespace

auth::ServerLoginOptions ReplicaSession::login_options(const MasterIdentity& master) const {
  auth::ServerLoginOptions options;
  options.server_version = master.version;
  options.mariadb = master.mariadb;
  options.thread_id = thread_id_;
  options.nonce = make_nonce();
  options.tls = tls_policy(relay_->config().replica.tls);
  options.compression = relay_->config().replica.compression.algorithms;
  options.client_host = host_of(endpoints_.peer);
  options.default_plugin = master.default_plugin();
  options.find_account = [relay = relay_](std::string_view user) {
    return relay->find_account(user);
  };
  return options;
}

/// What stands against the connection before a word is said.
std::optional<ReplicaSession::Refusal> ReplicaSession::refusal_at_sight(
    const std::optional<MasterIdentity>& master) const {
  if (!is_in(endpoints_.peer, relay_->allowed())) {
    return Refusal{
        LoginRefusal::address, "the address is not in allow",
        wire::errors::host_not_allowed(host_of(endpoints_.peer), master && master->mariadb)};
  }
  if (!login_place_) {
    return Refusal{LoginRefusal::too_many_logins, "too many logins at once",
                   wire::errors::too_many_connections()};
  }
  if (!master) {
    const std::string why = "the master was not reached yet";
    return Refusal{LoginRefusal::master_unreachable, why, wire::errors::master_unreachable(why)};
  }
  return std::nullopt;
}

Task<bool> ReplicaSession::log_in() {
  connection_->set_deadline(relay_->config().replica.login_timeout, "logging in");
  const auto master = relay_->known_master().get();
  if (const auto refusal = refusal_at_sight(master)) {
    refusal_ = refusal->kind;
    const auto error = wire::without_sqlstate(refusal->error);
    (void)co_await reply(error);
    end(refusal->why);
    co_return false;
  }
  greeted_as_ = *master;
  ServerLogin login(login_options(greeted_as_));
  Buffer out;
  bool logged_in = co_await exchange(login, out);
  if (logged_in) logged_in = co_await authenticated(login, out);
  connection_->clear_deadline();
  co_return logged_in;
}

/// Plays the login up to the point where the password was right.
Task<bool> ReplicaSession::exchange(ServerLogin& login, Buffer& out) {
  PacketChannel channel(connection_, max_login_packet);
  auto want = login.start(out);
  for (;;) {
    tap_->login_sent(out);
    const bool written = co_await connection_->write(out);
    if (!written) co_return false;
    out.clear();
    switch (want) {
      case ServerLogin::Want::authenticated:
        co_return true;
      case ServerLogin::Want::closed:
        login_refused(login);
        co_return false;
      case ServerLogin::Want::start_tls:
        if (!co_await connection_->accept_tls(*relay_->replica_tls())) {
          if (connection_->is_tls_refused()) refusal_ = LoginRefusal::tls;
          end(connection_->error());
          co_return false;
        }
        relay_->metrics().tls_started(RelayMetrics::Leg::replica, connection_->tls_version(),
                                      connection_->tls_cipher());
        want = login.tls_started();
        break;
      case ServerLogin::Want::read_packet: {
        channel.expect_sequence(login.next_sequence());
        const auto payload = co_await channel.read();
        if (!payload) {
          // Unless Sluice itself has ended it.
          if (login.is_switching() && reason_.empty() && !connection_->has_timed_out()) {
            credentials_refused(login.user(),
                                "it hangs up when asked for " + login.plugin() +
                                    ", which it may not know: MariaDB needs a password, or a hash "
                                    "of sluice passwd --native");
          }
          co_return false;
        }
        tap_->login_received(*payload);
        want = login.receive(*payload, out);
        break;
      }
    }
  }
}

/// Before its password was looked at, or because of that.
void ReplicaSession::login_refused(const ServerLogin& login) {
  const LoginRefusal why = refusal_by(login.error_code());
  if (why == LoginRefusal::credentials) {
    credentials_refused(login.user(), login.failure());
    return;
  }
  refusal_ = why;
  if (!login.user().empty()) log_.add({{"user", login.user()}});
  end(std::string(login.failure()));
}

void ReplicaSession::credentials_refused(std::string_view user, std::string_view why) {
  refusal_ = LoginRefusal::credentials;
  log_.warn("login refused",
            {{"user", user}, {"reason", why}, {"refused_for", to_string(refusal_)}});
  end("login refused: " + std::string(why));
}

Task<bool> ReplicaSession::authenticated(ServerLogin& login, Buffer& out) {
  user_ = login.user();
  relay_->sessions().set_owner(thread_id_, user_);
  if (login.learned_digest()) relay_->remember(user_, *login.learned_digest());
  describe_replica(login);
  log_authenticated(login);
  session_place_ = relay_->take_session_place();
  // Others may log in while this one waits for the master.
  login_place_.reset();

  // From here on the replica waits for the master, which has a time of its own.
  connection_->clear_deadline();
  const auto refusal = co_await refusal_behind_login();
  if (refusal) {
    refusal_ = refusal->kind;
    login.refuse(refusal->error, out);
  } else {
    login.accept(out);
  }
  tap_->login_sent(out);
  const bool written = co_await connection_->write(out);
  if (!refusal && login.compression() != wire::Compression::none) {
    compression_ = login.compression();
    channel_.start_compression(relay_->config().replica.compression.setting(compression_),
                               max_command + wire::packet_header_size);
  }
  if (refusal) end(refusal->why);
  co_return written && !refusal;
}

/// What stands against a replica whose password was right.
Task<std::optional<ReplicaSession::Refusal>> ReplicaSession::refusal_behind_login() {
  if (!session_place_) {
    co_return Refusal{LoginRefusal::too_many_sessions, "too many sessions",
                      wire::errors::too_many_connections()};
  }
  auto refusal = refusal_of_versions();
  if (!refusal) refusal = co_await open_master();
  co_return refusal;
}

/// What [relay.requirements] has against the versions of the two.
std::optional<ReplicaSession::Refusal> ReplicaSession::refusal_of_versions() const {
  const auto& required = relay_->config().requirements;
  const auto master = wire::parse_server_version(greeted_as_.version);
  const auto object = [this](Reaction reaction, const std::string& why) -> std::optional<Refusal> {
    if (reaction == Reaction::warn) log_.warn("requirement not met", {{"reason", why}});
    if (reaction != Reaction::refuse) return std::nullopt;
    return Refusal{LoginRefusal::version, why, wire::errors::unknown_error(why)};
  };
  if (!master || !filters::is_supported_master(*master)) {
    if (auto refusal =
            object(required.master_version, "the master is older than MySQL 5.6 or MariaDB 10.0")) {
      return refusal;
    }
  }
  // Others than servers and their tools, such as libmariadb, tell a version of their own.
  const bool is_server = client_name_ == "libmysql";
  if (master && is_server && filters::is_same_series(*master, client_version_) == false) {
    return object(required.same_version,
                  "the replica is " + client_version_ + ", the master " +
                      std::string(wire::without_replication_prefix(greeted_as_.version)) +
                      ", and both should be the same");
  }
  return std::nullopt;
}

Task<std::optional<ReplicaSession::Refusal>> ReplicaSession::open_master() {
  Refusal refusal{
      LoginRefusal::master_unreachable, "the master cannot be reached",
      wire::errors::master_unreachable("Sluice cannot reach the master; its log says why")};
  // Masters count handshakes that fail (MasterProbe, wait_after): those of the probe are enough.
  const MasterReach last = relay_->master_reach();
  if (last.failed == MasterFailure::Stage::tls) {
    log_.warn("master not reached",
              {{"master", relay_->master()->address()},
               {"reason", last.error + "; replicas wait for the next probe, within a minute"}});
    co_return refusal;
  }
  auto opened = co_await MasterConnection::open(*relay_->master(), master_interrupt_);
  if (!opened) {
    if (master_interrupt_.raised()) {
      refusal.kind = LoginRefusal::broken;  // it is the replica, or this session, that is gone
    } else {
      log_.warn("master not reached",
                {{"master", relay_->master()->address()}, {"reason", opened.error().text}});
    }
    co_return refusal;
  }
  master_ = *std::move(opened);
  const auto& greeting = master_->greeting();
  if (relay_->known_master().learn(greeting)) {
    log_.info("the master's version has changed",
              {{"version", wire::without_replication_prefix(greeting.server_version)}});
  }
  // Whoever has noticed it first: the greeting that this replica has read may name another server.
  if (greeted_as_ == identity_of(greeting)) co_return std::nullopt;
  refusal = {LoginRefusal::version,
             "the master has another version than the one that has greeted the replica",
             wire::errors::master_unreachable("the master has another version now")};
  co_return refusal;
}

void ReplicaSession::describe_replica(const ServerLogin& login) {
  client_name_ = wire::find_attribute(login.attributes(), "_client_name");
  client_version_ = wire::find_attribute(login.attributes(), "_client_version");
  program_ = wire::find_attribute(login.attributes(), "program_name");
}

void ReplicaSession::log_authenticated(const ServerLogin& login) {
  log_.add({{"user", user_}});
  log_.info("session authenticated", {{"plugin", login.plugin()},
                                      {"tls", connection_->tls_description()},
                                      {"compression", wire::name_of(login.compression())},
                                      {"client", client_name_},
                                      {"client_version", client_version_},
                                      {"program", program_}});
}

}  // namespace sluice::proxy

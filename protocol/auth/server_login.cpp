#include "protocol/auth/server_login.hpp"

#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/charset.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/server_error.hpp"

namespace sluice::auth {

using wire::Capability;
namespace errors = wire::errors;

namespace {

constexpr std::size_t max_password_size =
    256;  // sql/auth/sha2_password.cc: CRYPT_MAX_PASSWORD_SIZE

/// A response without a password in it: empty, or caching_sha2_password's single NUL
/// (sql-common/client_authentication.cc, caching_sha2_password_auth_client).
bool is_without_password(std::string_view response) {
  return response.size() <= 1;
}

/// The plugin to check the password with: the account's, else the client's own, else the
/// greeting's. A client that lacks the greeting's plugin may name it all the same, with an empty
/// response (libmariadb does): then the other one, if the account can be checked with it.
std::string_view choose_plugin(const Account& account, std::string_view of_client,
                               std::string_view of_greeting, bool empty) {
  const auto& verifier = account.verifier;
  if (!account.plugin.empty()) return account.plugin;
  const auto other =
      of_greeting == caching_sha2_plugin ? native_password_plugin : caching_sha2_plugin;
  if (empty && verifier.supports(other)) return other;
  if (verifier.supports(of_client)) return of_client;
  return verifier.supports(of_greeting) ? of_greeting : other;
}

}  // namespace

ServerLogin::ServerLogin(ServerLoginOptions options)
    : options_(std::move(options)),
      offered_(wire::offered_to_replicas(options_.mariadb, options_.tls != TlsPolicy::off) |
               wire::compression_offer(options_.compression, options_.mariadb)) {}

ServerLogin::Want ServerLogin::start(Buffer& out) {
  wire::Greeting greeting;
  greeting.server_version = options_.server_version;
  greeting.thread_id = options_.thread_id;
  greeting.nonce = options_.nonce;
  greeting.capabilities = offered_;
  greeting.charset = wire::utf8mb4_general_ci;
  greeting.status = wire::status_autocommit;
  greeting.auth_plugin = options_.default_plugin;
  Buffer payload;
  serialize(greeting, payload);
  send(payload, out);
  state_ = State::login;
  return Want::read_packet;
}

ServerLogin::Want ServerLogin::tls_started() {
  over_tls_ = true;
  state_ = State::tls_login;
  return Want::read_packet;
}

ServerLogin::Want ServerLogin::receive(Bytes payload, Buffer& out) {
  ++sequence_;
  switch (state_) {
    case State::login:
      return on_login(payload, out);
    case State::tls_login:
      return on_login_request(payload, out);
    case State::switched:
      return check(as_text(payload), out);
    case State::password:
      return on_password(payload, out);
    case State::created:
    case State::tls:
    case State::authenticated:
    case State::finished:
      break;
  }
  return fail(errors::packets_out_of_order(), "a packet that was not asked for", out);
}

ServerLogin::Want ServerLogin::on_login(Bytes payload, Buffer& out) {
  if (wire::parse_ssl_request(payload)) {
    if (options_.tls == TlsPolicy::off) {
      return fail(errors::bad_handshake(), "asks for TLS, which was not offered", out);
    }
    state_ = State::tls;
    return Want::start_tls;
  }
  return on_login_request(payload, out);
}

ServerLogin::Want ServerLogin::on_login_request(Bytes payload, Buffer& out) {
  auto request = wire::parse_login_request(payload, offered_);
  if (!request) return fail(errors::bad_handshake(), "malformed login", out);
  // The password itself, of a client that begins with mysql_clear_password.
  const Secret response(request->auth_response);
  OPENSSL_cleanse(request->auth_response.data(), request->auth_response.size());
  request->auth_response.clear();
  request_ = std::move(*request);
  if (!over_tls_ && options_.tls == TlsPolicy::required) {
    return fail(errors::secure_transport_required(options_.mariadb),
                "plain login where TLS is required", out);
  }
  const auto common = capabilities();
  if (!common.has(Capability::secure_connection)) {
    return fail(errors::client_too_old(), "the client is older than 4.1", out);
  }
  const bool names_plugin = common.has(Capability::plugin_auth);
  if (!names_plugin) request_.auth_plugin = native_password_plugin;
  account_ = options_.find_account(request_.user);
  plugin_ = choose_plugin(account_, request_.auth_plugin, options_.default_plugin,
                          names_plugin && response.empty());
  if (!names_plugin) {
    if (plugin_ == native_password_plugin) return check(response.reveal(), out);
    return fail(errors::client_too_old(), "the client knows no authentication plugins", out);
  }
  // A client whose plugin is not the greeting's has not used the nonce: servers always switch then.
  if (plugin_ == request_.auth_plugin && plugin_ == options_.default_plugin) {
    return check(response.reveal(), out);
  }
  return switch_plugin(out);
}

ServerLogin::Want ServerLogin::switch_plugin(Buffer& out) {
  Buffer payload;
  serialize(wire::AuthSwitchRequest{plugin_, options_.nonce + '\0'}, payload);
  send(payload, out);
  state_ = State::switched;
  return Want::read_packet;
}

ServerLogin::Want ServerLogin::check(std::string_view response, Buffer& out) {
  used_password_ = !is_without_password(response);
  if (plugin_ == caching_sha2_plugin) return check_fast_path(response, out);
  return decide(account_.verifier.check_native(response, options_.nonce), out);
}

ServerLogin::Want ServerLogin::check_fast_path(std::string_view response, Buffer& out) {
  const bool fast = account_.verifier.check_fast(response, options_.nonce) && account_.known;
  if (fast) {
    send_more_data(sha2_fast_ok, out);
    return decide(true, out);
  }
  if (!used_password_) return decide(false, out);
  if (!over_tls_) {
    return deny(
        "wrong password, or one whose first login must be over TLS (only its hash is known)", out);
  }
  send_more_data(sha2_full_authentication, out);
  state_ = State::password;
  return Want::read_packet;
}

ServerLogin::Want ServerLogin::on_password(Bytes payload, Buffer& out) {
  if (payload.empty() || payload.back() != 0 || payload.size() > max_password_size) {
    return deny("malformed password", out);
  }
  const Secret password(as_text(payload.first(payload.size() - 1)));
  const bool right = account_.verifier.check_password(password);
  if (right && account_.known) learned_ = caching_sha2_digest(password);
  return decide(right, out);
}

ServerLogin::Want ServerLogin::decide(bool verified, Buffer& out) {
  if (!account_.known) return deny("unknown user", out);
  if (!verified) return deny(used_password_ ? "wrong password" : "no password given", out);
  state_ = State::authenticated;
  return Want::authenticated;
}

ServerLogin::Want ServerLogin::deny(std::string_view why, Buffer& out) {
  return fail(errors::access_denied(request_.user, options_.client_host, used_password_), why, out);
}

ServerLogin::Want ServerLogin::fail(const wire::ErrPacket& error, std::string_view why,
                                    Buffer& out) {
  failure_ = why;
  error_code_ = error.code;
  refuse(error, out);
  return Want::closed;
}

void ServerLogin::accept(Buffer& out) {
  Buffer payload;
  serialize(wire::OkPacket{}, capabilities(), payload);
  send(payload, out);
  state_ = State::finished;
}

void ServerLogin::refuse(const wire::ErrPacket& error, Buffer& out) {
  Buffer payload;
  serialize(error, payload);
  send(payload, out);
  state_ = State::finished;
}

void ServerLogin::send_more_data(char byte, Buffer& out) {
  Buffer payload;
  wire::serialize_auth_more_data({&byte, 1}, payload);
  send(payload, out);
}

void ServerLogin::send(Bytes payload, Buffer& out) {
  wire::append_packet(out, payload, sequence_);
}

}  // namespace sluice::auth

#include "protocol/auth/client_login.hpp"

#include "protocol/auth/caching_sha2.hpp"
#include "protocol/auth/ed25519.hpp"
#include "protocol/auth/native_password.hpp"
#include "protocol/auth/parsec.hpp"
#include "protocol/auth/rsa_password.hpp"
#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/charset.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/server_error.hpp"

namespace sluice::auth {

using wire::Capability;

namespace {

/// Their nonces have 32 bytes, for which a greeting has no room.
bool needs_switch(std::string_view plugin) {
  return plugin == ed25519_plugin || plugin == parsec_plugin;
}

bool is_supported(std::string_view plugin) {
  return plugin == native_password_plugin || plugin == caching_sha2_plugin ||
         plugin == sha256_password_plugin || needs_switch(plugin);
}

bool is_insecure(std::string_view plugin) {
  return plugin == "mysql_old_password" || plugin == "mysql_clear_password";
}

/// A server says the same of a wrong password and of what an account demands of its connection.
std::string_view advice_on_denied_access(const ClientLoginOptions& options) {
  if (!options.tls) {
    return "check user and password, from which hosts the server lets that user in, and whether "
           "the account demands TLS (REQUIRE SSL)";
  }
  if (!options.client_certificate) {
    return "check user and password, from which hosts the server lets that user in, and whether "
           "the account demands a client certificate (REQUIRE X509)";
  }
  return "check user and password, from which hosts the server lets that user in, and whether the "
         "account demands another client certificate (REQUIRE SUBJECT, ISSUER)";
}

std::string_view advice(std::uint16_t server_error, const ClientLoginOptions& options) {
  using wire::ErrorCode;
  switch (static_cast<ErrorCode>(server_error)) {
    case ErrorCode::con_count_error:
      return "raise max_connections there, or wait";
    case ErrorCode::access_denied_error:
      return advice_on_denied_access(options);
    case ErrorCode::host_not_privileged:
      return "the server lets no user in from this machine: create one for this address";
    case ErrorCode::secure_transport_required:
      return "let this leg use TLS";
    case ErrorCode::account_has_been_locked:
    case ErrorCode::mariadb_account_has_been_locked:
      return "unlock it there: ALTER USER ... ACCOUNT UNLOCK";
    case ErrorCode::must_change_password_login:
      return "give the account a new password there: ALTER USER ... IDENTIFIED BY '...'";
    default:
      return "see the server's error log";
  }
}

}  // namespace

ClientLogin::Want ClientLogin::receive(Bytes payload, Buffer& out) {
  ++sequence_;
  // A login that goes on and on is no login.
  constexpr std::uint8_t enough = 32;
  if (sequence_ > enough) return fail(ClientLoginError::malformed_packet);
  switch (state_) {
    case State::greeting:
      return on_greeting(payload, out);
    case State::result:
      return on_result(payload, out);
    case State::tls:
    case State::finished:
      break;
  }
  return fail(ClientLoginError::malformed_packet);
}

ClientLogin::Want ClientLogin::on_greeting(Bytes payload, Buffer& out) {
  if (wire::is_err(payload)) return on_err(payload);
  auto greeting = wire::parse_greeting(payload);
  if (!greeting) return fail(ClientLoginError::malformed_packet);
  greeting_ = std::move(*greeting);
  const auto offered = greeting_.capabilities;
  for (const auto needed :
       {Capability::protocol_41, Capability::secure_connection, Capability::plugin_auth}) {
    if (!offered.has(needed)) return fail(ClientLoginError::server_too_old);
  }
  if (options_.tls && !offered.has(Capability::ssl)) {
    return fail(ClientLoginError::server_without_tls);
  }
  capabilities_ = wire::asked_of_master(offered, options_.tls) |
                  wire::capability_of(wire::choose_compression(options_.compression, offered));
  if (!options_.tls) return send_login(out);
  Buffer request;
  serialize(wire::SslRequest{capabilities_, options_.max_packet, wire::utf8mb4_general_ci},
            request);
  send(request, out);
  state_ = State::tls;
  return Want::start_tls;
}

ClientLogin::Want ClientLogin::tls_started(Buffer& out) {
  over_tls_ = true;
  return send_login(out);
}

ClientLogin::Want ClientLogin::send_login(Buffer& out) {
  nonce_ = greeting_.nonce;
  plugin_ = greeting_.auth_plugin;
  // The greeting names the server's default; the account's own plugin comes by a switch if need be.
  if (!is_supported(plugin_) || needs_switch(plugin_)) {
    plugin_ = greeting_.is_mariadb() ? native_password_plugin : caching_sha2_plugin;
  }
  wire::LoginRequest request;
  request.capabilities = capabilities_;
  request.max_packet = options_.max_packet;
  request.charset = wire::utf8mb4_general_ci;
  request.user = options_.user;
  request.auth_response = first_response().reveal();
  request.auth_plugin = plugin_;
  request.attributes = options_.attributes;
  if (compression() == wire::Compression::zstd) {
    request.zstd_level = static_cast<std::uint8_t>(options_.zstd_level);
  }
  Buffer payload;
  payload.reserve(wire::largest_login);
  out.reserve(out.size() + wire::largest_login);
  serialize(request, payload);
  send(payload, out);
  OPENSSL_cleanse(request.auth_response.data(), request.auth_response.size());
  OPENSSL_cleanse(payload.data(), payload.size());
  state_ = State::result;
  return Want::read_packet;
}

Secret ClientLogin::first_response() {
  const Secret& password = options_.password;
  if (plugin_ == native_password_plugin) return Secret(native_scramble(password, nonce_));
  if (plugin_ == caching_sha2_plugin) return Secret(caching_sha2_scramble(password, nonce_));
  if (plugin_ == ed25519_plugin) return Secret(ed25519_sign(password, nonce_));
  if (plugin_ == parsec_plugin) {
    expected_ = Expected::salt;  // an empty packet asks for it
    return Secret();
  }
  if (over_tls_) return clear_password();
  expected_ = Expected::rsa_key;
  return Secret({&sha256_public_key_request, 1});
}

/// As it goes over TLS.
Secret ClientLogin::clear_password() const {
  const std::string_view password = options_.password.reveal();
  std::string clear;
  clear.reserve(password.size() + 1);  // one that grows leaves itself behind in memory
  clear.append(password).push_back('\0');
  Secret secret(clear);
  OPENSSL_cleanse(clear.data(), clear.size());
  return secret;
}

ClientLogin::Want ClientLogin::on_result(Bytes payload, Buffer& out) {
  if (payload.empty()) return fail(ClientLoginError::malformed_packet);
  switch (payload[0]) {
    case wire::ok_header:
      if (!parse_ok(payload, capabilities())) break;
      state_ = State::finished;
      return Want::done;
    case wire::err_header:
      return on_err(payload);
    case wire::auth_switch_header:
      return on_auth_switch(payload, out);
    case wire::auth_more_data_header:
      return on_more_data(payload, out);
    case wire::auth_next_factor_header:
      return fail(ClientLoginError::multi_factor);
    default:
      break;
  }
  return fail(ClientLoginError::malformed_packet);
}

ClientLogin::Want ClientLogin::on_auth_switch(Bytes payload, Buffer& out) {
  const auto request = wire::parse_auth_switch_request(payload);
  if (!request) return fail(ClientLoginError::malformed_packet);
  plugin_ = request->plugin;
  if (is_insecure(plugin_)) return fail(ClientLoginError::insecure_plugin);
  if (!is_supported(plugin_)) return fail(ClientLoginError::plugin_not_supported);
  static_assert(ed25519_nonce_size == parsec_nonce_size);
  const std::size_t size = needs_switch(plugin_) ? parsec_nonce_size : wire::nonce_size;
  if (request->data.size() < size) return fail(ClientLoginError::malformed_packet);
  nonce_ = request->data.substr(0, size);
  expected_ = Expected::nothing;
  send(as_bytes(first_response().reveal()), out);
  return Want::read_packet;
}

ClientLogin::Want ClientLogin::on_more_data(Bytes payload, Buffer& out) {
  const auto data = wire::parse_auth_more_data(payload);
  if (!data) return fail(ClientLoginError::malformed_packet);
  if (expected_ == Expected::rsa_key) return on_public_key(*data, out);
  if (expected_ == Expected::salt) return on_salt(*data, out);
  if (plugin_ != caching_sha2_plugin || data->size() != 1) {
    return fail(ClientLoginError::malformed_packet);
  }
  if (data->front() == sha2_fast_ok) return Want::read_packet;
  if (data->front() != sha2_full_authentication) return fail(ClientLoginError::malformed_packet);
  if (over_tls_) {
    send(as_bytes(clear_password().reveal()), out);
  } else {
    send(as_bytes({&sha2_public_key_request, 1}), out);
    expected_ = Expected::rsa_key;
  }
  return Want::read_packet;
}

ClientLogin::Want ClientLogin::on_public_key(std::string_view pem, Buffer& out) {
  expected_ = Expected::nothing;
  const auto encrypted = encrypt_password(options_.password, nonce_, pem);
  if (!encrypted) return fail(ClientLoginError::bad_public_key);
  send(as_bytes(*encrypted), out);
  return Want::read_packet;
}

ClientLogin::Want ClientLogin::on_salt(std::string_view data, Buffer& out) {
  expected_ = Expected::nothing;
  const auto derivation = parse_parsec_key_derivation(data);
  if (!derivation) return fail(ClientLoginError::no_signature);
  const auto signature = parsec_sign(options_.password, *derivation, nonce_);
  if (!signature) return fail(ClientLoginError::no_signature);
  send(as_bytes(*signature), out);
  return Want::read_packet;
}

ClientLogin::Want ClientLogin::on_err(Bytes payload) {
  auto err = wire::parse_err(payload);
  if (!err) return fail(ClientLoginError::malformed_packet);
  server_error_ = std::move(*err);
  return fail(ClientLoginError::server_error);
}

ClientLogin::Want ClientLogin::fail(ClientLoginError error) {
  error_ = error;
  state_ = State::finished;
  return Want::failed;
}

void ClientLogin::send(Bytes payload, Buffer& out) {
  wire::append_packet(out, payload, sequence_);
}

std::string ClientLogin::describe_error() const {
  std::string text;
  if (error_ == ClientLoginError::server_error) {
    return "the server answered error " + std::to_string(server_error_.code) + ": " +
           server_error_.message + "; " + std::string(advice(server_error_.code, options_));
  }
  if (error_ == ClientLoginError::plugin_not_supported ||
      error_ == ClientLoginError::insecure_plugin) {
    text = "the server asks for " + plugin_ + "; ";
  }
  return text.append(advice(error_));
}

std::string_view advice(ClientLoginError error) {
  switch (error) {
    case ClientLoginError::none:
      break;
    case ClientLoginError::malformed_packet:
      return "what came is not the login of a MySQL or MariaDB server: check host and port";
    case ClientLoginError::server_error:
      return "the server refused the login: its error says why";
    case ClientLoginError::server_too_old:
      return "the server is older than 5.6, which is the oldest";
    case ClientLoginError::server_without_tls:
      return "the server offers no TLS: set it up there (ssl_cert, ssl_key), or say "
             "mode = \"disabled\" for this leg";
    case ClientLoginError::plugin_not_supported:
      return "give the user caching_sha2_password, mysql_native_password, sha256_password, "
             "ed25519 or parsec";
    case ClientLoginError::insecure_plugin:
      return "it would give the password away: give the user another authentication plugin";
    case ClientLoginError::multi_factor:
      return "the user has several authentication factors: give Sluice one with a password alone";
    case ClientLoginError::bad_public_key:
      return "the server's RSA key cannot be used for the password: use TLS for this leg";
    case ClientLoginError::no_signature:
      return "no signature for parsec can be made: the account's key has more than 2^20 "
             "iterations, or OpenSSL here has no Ed25519 (FIPS mode); give the user another plugin";
  }
  return {};
}

}  // namespace sluice::auth

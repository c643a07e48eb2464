// The login as a client plays it towards the master. Sans-I/O.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/auth/secret.hpp"
#include "protocol/bytes.hpp"
#include "protocol/wire/compression.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "protocol/wire/response.hpp"

namespace sluice::auth {

struct ClientLoginOptions {
  std::string user;
  Secret password;
  bool tls = true;                             // wanted, and then there is no way without
  bool client_certificate = false;             // shown where the server asks for one
  std::vector<wire::Compression> compression;  // wanted, the best first; empty: none
  int zstd_level = wire::zstd_default_level;   // for what the server sends
  wire::Attributes attributes;                 // program_name, _client_name, _os, _pid, ...
  std::uint32_t max_packet = 1u << 30;         // bytes; the dump itself is not bound by it
};

enum class ClientLoginError : std::uint8_t {
  none,
  malformed_packet,  // not what a MySQL or MariaDB server says
  server_error,      // an ERR: see ClientLogin::server_error()
  server_too_old,    // no PROTOCOL_41 or no PLUGIN_AUTH
  server_without_tls,
  plugin_not_supported,
  insecure_plugin,  // mysql_old_password, mysql_clear_password
  multi_factor,
  bad_public_key,
  no_signature,  // parsec's
};
/// One sentence: what it means and what an operator should change.
[[nodiscard]] std::string_view advice(ClientLoginError error);

/// The order of the exchange; `M` the master, `S` Sluice:
///
///     M greeting | ERR
///     S [SSLRequest, TLS] login
///     M [AuthSwitchRequest    S response]
///     M [AuthMoreData         S what the plugin wants]*
///     M OK | ERR
///
/// Each step appends framed packets to `out` and says what it wants next.
class ClientLogin {
 public:
  enum class Want {
    read_packet,  // write out, then one payload into receive()
    start_tls,    // write out, then a TLS handshake as the client, then tls_started()
    done,         // logged in: commands may follow
    failed,       // error() says why; close
  };

  explicit ClientLogin(ClientLoginOptions options) : options_(std::move(options)) {}

  /// The first payload is the greeting.
  [[nodiscard]] Want receive(Bytes payload, Buffer& out);
  /// The TLS handshake is done and the certificate is the right one.
  [[nodiscard]] Want tls_started(Buffer& out);

  /// The number the master's next packet must carry (PacketAssembler::expect_sequence).
  [[nodiscard]] std::uint8_t next_sequence() const { return sequence_; }
  [[nodiscard]] const wire::Greeting& greeting() const { return greeting_; }
  /// What both sides have set.
  [[nodiscard]] wire::Capabilities capabilities() const {
    return capabilities_ & greeting_.capabilities;
  }
  /// What the two sides use behind the OK.
  [[nodiscard]] wire::Compression compression() const {
    return wire::compression_in_force(capabilities());
  }
  [[nodiscard]] const std::string& plugin() const { return plugin_; }

  [[nodiscard]] ClientLoginError error() const { return error_; }
  /// With error() == server_error.
  [[nodiscard]] const wire::ErrPacket& server_error() const { return server_error_; }
  /// What went wrong, with the server's words or the plugin's name, and the advice. No secrets.
  [[nodiscard]] std::string describe_error() const;

 private:
  enum class State { greeting, tls, result, finished };
  enum class Expected { nothing, rsa_key, salt };  // from the plugin's other side

  Want on_greeting(Bytes payload, Buffer& out);
  Want on_result(Bytes payload, Buffer& out);
  Want on_auth_switch(Bytes payload, Buffer& out);
  Want on_more_data(Bytes payload, Buffer& out);
  Want on_public_key(std::string_view pem, Buffer& out);
  Want on_salt(std::string_view data, Buffer& out);
  Want on_err(Bytes payload);
  Want send_login(Buffer& out);
  [[nodiscard]] Secret first_response();
  [[nodiscard]] Secret clear_password() const;
  Want fail(ClientLoginError error);
  void send(Bytes payload, Buffer& out);

  ClientLoginOptions options_;
  State state_ = State::greeting;
  std::uint8_t sequence_ = 0;
  bool over_tls_ = false;
  Expected expected_ = Expected::nothing;
  wire::Greeting greeting_;
  wire::Capabilities capabilities_;  // as sent
  std::string plugin_;
  std::string nonce_;
  ClientLoginError error_ = ClientLoginError::none;
  wire::ErrPacket server_error_;
};

}  // namespace sluice::auth

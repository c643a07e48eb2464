// The login as a server plays it towards a replica. Sans-I/O.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/auth/account.hpp"
#include "protocol/bytes.hpp"
#include "protocol/wire/compression.hpp"
#include "protocol/wire/login_request.hpp"
#include "protocol/wire/response.hpp"

namespace sluice::auth {

enum class TlsPolicy { off, optional, required };

struct ServerLoginOptions {
  std::string server_version;  // the master's, verbatim
  bool mariadb = false;        // the master is a MariaDB: CLIENT_MYSQL is not offered
  std::uint32_t thread_id = 0;
  std::string nonce;  // 20 bytes of 7 bits, none of them NUL or '$'
  TlsPolicy tls = TlsPolicy::required;
  std::vector<wire::Compression> compression;       // offered, as far as the server's kind has it
  std::string client_host;                          // as messages show it: 'user'@'client_host'
  std::string default_plugin{caching_sha2_plugin};  // the greeting's
  std::function<Account(std::string_view user)> find_account;  // e.g. Accounts::find
};

/// The order of the exchange; `R` the replica, `S` Sluice:
///
///     S greeting
///     R [SSLRequest, TLS] login
///     S [AuthSwitchRequest    R response]
///     S [AuthMoreData fast-ok | AuthMoreData full    R password NUL]      caching_sha2_password
///     S OK | ERR                                                          accept() | refuse()
///
/// Each step appends framed packets to `out` and says what it wants next. After an error the ERR is
/// in `out` and the connection is to be closed once that is written.
class ServerLogin {
 public:
  enum class Want {
    read_packet,    // one payload, into receive()
    start_tls,      // a TLS handshake as the server, then tls_started()
    authenticated,  // the password was right: now accept() or refuse()
    closed,         // write out, then close; failure() says why
  };

  explicit ServerLogin(ServerLoginOptions options);

  [[nodiscard]] Want start(Buffer& out);
  [[nodiscard]] Want tls_started();
  [[nodiscard]] Want receive(Bytes payload, Buffer& out);

  /// After `authenticated`: the OK, or an error of the caller's, e.g. that the master is away.
  void accept(Buffer& out);
  void refuse(const wire::ErrPacket& error, Buffer& out);

  /// The number the replica's next packet must carry (PacketAssembler::expect_sequence).
  [[nodiscard]] std::uint8_t next_sequence() const { return sequence_; }
  [[nodiscard]] bool over_tls() const { return over_tls_; }

  // Known once the login has been read.
  [[nodiscard]] const std::string& user() const { return request_.user; }
  [[nodiscard]] const wire::Attributes& attributes() const { return request_.attributes; }
  /// What both sides have set.
  [[nodiscard]] wire::Capabilities capabilities() const { return request_.capabilities & offered_; }
  /// What the two sides use behind the OK.
  [[nodiscard]] wire::Compression compression() const {
    return wire::compression_in_force(capabilities());
  }
  /// The plugin the password was checked with.
  [[nodiscard]] const std::string& plugin() const { return plugin_; }
  /// Whether the client has been asked to go on with plugin(), which it may not know.
  [[nodiscard]] bool is_switching() const { return state_ == State::switched; }
  /// After a full authentication: what Accounts::remember wants.
  [[nodiscard]] const std::optional<Sha256Digest>& learned_digest() const { return learned_; }

  /// After `closed`: why, for the log; no secrets. Says more than the peer is told.
  [[nodiscard]] std::string_view failure() const { return failure_; }
  /// After `closed`: the number of the error that the peer is told.
  [[nodiscard]] std::uint16_t error_code() const { return error_code_; }

 private:
  enum class State { created, login, tls, tls_login, switched, password, authenticated, finished };

  Want on_login(Bytes payload, Buffer& out);
  Want on_login_request(Bytes payload, Buffer& out);
  Want switch_plugin(Buffer& out);
  Want check(std::string_view response, Buffer& out);
  Want check_fast_path(std::string_view response, Buffer& out);
  Want on_password(Bytes payload, Buffer& out);
  Want decide(bool verified, Buffer& out);
  Want deny(std::string_view why, Buffer& out);
  Want fail(const wire::ErrPacket& error, std::string_view why, Buffer& out);
  void send_more_data(char byte, Buffer& out);
  void send(Bytes payload, Buffer& out);

  ServerLoginOptions options_;
  wire::Capabilities offered_;
  State state_ = State::created;
  std::uint8_t sequence_ = 0;
  bool over_tls_ = false;
  bool used_password_ = false;
  wire::LoginRequest request_;
  Account account_;
  std::string plugin_;
  std::optional<Sha256Digest> learned_;
  std::string_view failure_;
  std::uint16_t error_code_ = 0;
};

}  // namespace sluice::auth

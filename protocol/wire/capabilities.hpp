// The capability bits that both sides of a connection announce (include/mysql_com.h of MySQL 9.7
// and MariaDB 11.8). What is in force is the AND of both.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace sluice::wire {

enum class Capability : std::uint64_t {
  long_password = 1ull << 0,  // MariaDB: CLIENT_MYSQL; a MariaDB server shows itself by clearing it
  found_rows = 1ull << 1,     // affected rows count found instead of changed ones
  long_flag = 1ull << 2,      // column flags take two bytes
  connect_with_db = 1ull << 3,  // the login may name a database
  no_schema = 1ull << 4,
  compress = 1ull << 5,  // zlib protocol after the login
  odbc = 1ull << 6,
  local_files = 1ull << 7,  // LOAD DATA LOCAL: the server may ask for a file
  ignore_space = 1ull << 8,
  protocol_41 = 1ull << 9,  // sqlstates in ERR, status in OK and EOF: everything since 4.1
  interactive = 1ull << 10,
  ssl = 1ull << 11,  // SSLRequest is understood (server), follows (client)
  ignore_sigpipe = 1ull << 12,
  transactions = 1ull << 13,
  reserved = 1ull << 14,
  secure_connection = 1ull << 15,  // nonce of 20 bytes, auth response with a length
  multi_statements = 1ull << 16,
  multi_results = 1ull << 17,
  ps_multi_results = 1ull << 18,
  plugin_auth = 1ull << 19,         // plugins are named, AuthSwitchRequest works
  connect_attrs = 1ull << 20,       // the login carries attributes
  plugin_auth_lenenc = 1ull << 21,  // auth response may be longer than 255 bytes
  can_handle_expired_passwords = 1ull << 22,
  session_track = 1ull << 23,  // OK packets carry state changes
  deprecate_eof = 1ull << 24,  // result sets end with an OK instead of an EOF
  optional_resultset_metadata = 1ull << 25,
  zstd = 1ull << 26,              // zstd protocol after the login
  query_attributes = 1ull << 27,  // COM_QUERY has parameters before its text
  multi_factor_auth = 1ull << 28,
  capability_extension = 1ull << 29,
  ssl_verify_server_cert = 1ull << 30,  // client library's own
  remember_options = 1ull << 31,        // client library's own
  mariadb_progress = 1ull << 32,        // from here on: MariaDB's extended capabilities
  mariadb_stmt_bulk = 1ull << 34,
  mariadb_extended_metadata = 1ull << 35,
  mariadb_cache_metadata = 1ull << 36,
  mariadb_bulk_unit_results = 1ull << 37,
};

class Capabilities {
 public:
  constexpr Capabilities() = default;
  constexpr explicit Capabilities(std::uint64_t bits) : bits_(bits) {}
  constexpr Capabilities(std::initializer_list<Capability> list) {
    for (const Capability capability : list) set(capability);
  }

  [[nodiscard]] constexpr bool has(Capability capability) const {
    return (bits_ & static_cast<std::uint64_t>(capability)) != 0;
  }
  constexpr Capabilities& set(Capability capability, bool on = true) {
    const auto bit = static_cast<std::uint64_t>(capability);
    bits_ = on ? bits_ | bit : bits_ & ~bit;
    return *this;
  }
  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }

  friend constexpr Capabilities operator&(Capabilities a, Capabilities b) {
    return Capabilities(a.bits_ & b.bits_);
  }
  friend constexpr Capabilities operator|(Capabilities a, Capabilities b) {
    return Capabilities(a.bits_ | b.bits_);
  }
  friend constexpr bool operator==(Capabilities, Capabilities) = default;

 private:
  std::uint64_t bits_ = 0;
};

/// What Sluice speaks, on both legs, so that answers pass between them verbatim. Left out on
/// purpose: DEPRECATE_EOF, SESSION_TRACK and QUERY_ATTRIBUTES change the layout of what follows,
/// LOCAL_FILES lets a server ask for files, MULTI_FACTOR_AUTH is not spoken. Every replica from 5.6
/// to 9.7 and MariaDB 10 to 11 is content with this set. Each leg has its own compression besides
/// (compression.hpp): it is undone before anybody looks at packets.
inline constexpr Capabilities minimal_dialect = {
    Capability::found_rows,       Capability::long_flag,         Capability::connect_with_db,
    Capability::protocol_41,      Capability::transactions,      Capability::secure_connection,
    Capability::multi_statements, Capability::multi_results,     Capability::plugin_auth,
    Capability::connect_attrs,    Capability::plugin_auth_lenenc};

/// The greeting's bits towards replicas.
/// @param mariadb the master is a MariaDB, so Sluice shows itself as one
/// @param tls a certificate is configured
[[nodiscard]] constexpr Capabilities offered_to_replicas(bool mariadb, bool tls) {
  Capabilities offered = minimal_dialect;
  offered.set(Capability::long_password, !mariadb);
  offered.set(Capability::ssl, tls);
  return offered;
}

/// The login's bits towards the master whose greeting offered `offered`. LONG_PASSWORD is set
/// towards MariaDB too: it says that no extended capabilities follow. MULTI_STATEMENTS is not asked
/// for: one question is one statement. FOUND_ROWS and CONNECT_WITH_DB are of no use here.
[[nodiscard]] constexpr Capabilities asked_of_master(Capabilities offered, bool tls) {
  Capabilities asked = minimal_dialect & offered;
  asked.set(Capability::multi_statements, false);
  asked.set(Capability::found_rows, false);
  asked.set(Capability::connect_with_db, false);
  asked.set(Capability::long_password, true);
  asked.set(Capability::ssl, tls);
  return asked;
}

}  // namespace sluice::wire

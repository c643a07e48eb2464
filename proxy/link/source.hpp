// What the statements are made of.
#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "proxy/check/cloud.hpp"
#include "proxy/config/config.hpp"
#include "proxy/link/coordinates.hpp"
#include "proxy/link/script.hpp"

namespace sluice::proxy::link {

/// Sluice as the source of a replica.
struct Source {
  std::string config;                    ///< the configuration's file, for commands to paste
  PublicAddress address;                 ///< where the replica finds it
  std::string user;                      ///< one of [[relay.replica.user]]
  std::optional<auth::Secret> password;  ///< nullopt: a placeholder stands for it
  std::string authority;                 ///< PEM; empty: without TLS
  std::string ca_path;                   ///< the file on the replica that holds it
  bool client_certificate = false;       ///< Sluice demands one

  check::ServerFacts replica;  ///< whose words are used: its version alone is known
  Coordinates coordinates;
  bool by_gtid = false;
  /// The master, if it was asked.
  std::optional<check::ServerFacts> master;
  std::vector<std::string> warnings;  ///< why it may not work all the same

  /// What stands for the password where it is not known, or does not belong.
  [[nodiscard]] std::string placeholder() const { return "<password of " + user + ">"; }
  [[nodiscard]] bool tls() const { return !authority.empty(); }
};

/// The password or its placeholder, as a literal.
[[nodiscard]] std::string quoted_password(const Source& source);

/// The statements for a replica of that service. The error is a sentence: what cannot be done
/// there.
[[nodiscard]] boost::system::result<Script, std::string> make_script(
    const Source& source, const check::CloudRules& rules);

/// Of one service each; called by make_script(), which has begun the script and made sure that
/// the service can follow such a master.
void link_mysql(const Source& source, Script& script);
void link_mariadb(const Source& source, Script& script);
void link_azure(const Source& source, Script& script);
/// The error as that of make_script(); empty: none.
[[nodiscard]] std::string link_rds(const Source& source, Script& script);
void link_cloudsql(const Source& source, Script& script);

/// SHOW REPLICA STATUS or SHOW SLAVE STATUS, and what to look for in it.
void show_status(const Source& source, Script& script);
/// As MariaDB, and MySQL before 8.0.22, know it.
void show_slave_status(Script& script);

}  // namespace sluice::proxy::link

// What a server says of itself to anybody who has logged in.
#pragma once

#include <boost/system/result.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/wire/greeting.hpp"
#include "protocol/wire/server_version.hpp"
#include "proxy/master/master_failure.hpp"

namespace sluice::proxy {
class SqlClient;
}

namespace sluice::proxy::check {

struct ServerFacts {
  std::string version_text;  ///< without the "5.5.5-" of MariaDB's greeting
  wire::ServerVersion version;
  std::map<std::string, std::string, std::less<>> variables;  ///< global ones, names in lower case

  [[nodiscard]] bool is_mariadb() const { return version.is_mariadb(); }
  /// Whether it is a MySQL of that version or newer.
  [[nodiscard]] bool is_mysql(std::uint16_t major, std::uint16_t minor,
                              std::uint16_t patch = 0) const {
    return !is_mariadb() && version.at_least(major, minor, patch);
  }
  /// null: this version has no such variable.
  [[nodiscard]] const std::string* find(std::string_view variable) const;
  [[nodiscard]] std::optional<double> number(std::string_view variable) const;
  [[nodiscard]] bool is_on(std::string_view variable) const;
};

/// "MariaDB 10.11.19", "MySQL 9.7.4".
[[nodiscard]] std::string to_text(const wire::ServerVersion& version);

/// The version of a greeting. nullopt: that is none.
[[nodiscard]] std::optional<ServerFacts> facts_of_version(std::string_view text);
/// That of --replica-version, which may leave out the flavour: from 10 on it is a MariaDB.
[[nodiscard]] std::optional<ServerFacts> facts_of_option(std::string_view text);

/// Asks for the variables (SHOW GLOBAL VARIABLES needs no privilege).
[[nodiscard]] boost::system::result<ServerFacts, QueryError> ask_for_facts(SqlClient& client);

}  // namespace sluice::proxy::check

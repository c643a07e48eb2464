// Statements and configuration lines to paste, for a server of some version.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

using Lines = std::vector<std::string>;

inline void append(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
}

/// `name`: an identifier, with its backquotes doubled.
[[nodiscard]] std::string quoted_name(std::string_view name);
/// 'text': a literal that means the same in every sql_mode but NO_BACKSLASH_ESCAPES.
[[nodiscard]] std::string quoted_text(std::string_view text);
/// 'user'@'host' of user@host, 'role' of role.
[[nodiscard]] std::string quoted_account(std::string_view account);
[[nodiscard]] std::string quoted_account(std::string_view user, std::string_view host);

/// To set a variable that can be set while the server runs, for good: SET PERSIST from MySQL 8.0
/// on, SET GLOBAL and the option file before and on MariaDB.
[[nodiscard]] Lines set_variable(const ServerFacts& server, std::string_view name,
                                 std::string_view value);
/// The same on the replica, which may be null. A service refuses such statements, and has a page of
/// parameters instead.
[[nodiscard]] Lines set_on_replica(const CloudRules& cloud, const ServerFacts* replica,
                                   std::string_view name, std::string_view value);
/// Has a server load its certificates anew; null: its version is not known.
[[nodiscard]] std::string reload_tls(const ServerFacts* server);
/// The option file, and a restart.
[[nodiscard]] Lines set_option(std::string_view name, std::string_view value);

/// The account that Sluice logs in with, made anew: CREATE USER and GRANT as that version knows
/// them (5.6: REQUIRE belongs to GRANT). The password is a placeholder.
[[nodiscard]] Lines create_relay_account(const ServerFacts* server, std::string_view user,
                                         bool tls);
/// Another password for the account that is there already. Its host is a guess.
[[nodiscard]] std::string change_relay_password(const ServerFacts* server, std::string_view user);

/// To learn more of a server's error; 0: of a connection that has ended without one.
[[nodiscard]] std::string explain_error(std::uint16_t code);

}  // namespace sluice::proxy::check

#include "proxy/check/statements.hpp"

namespace sluice::proxy::check {
namespace {

std::string enclosed(std::string_view text, char quote, bool escape_backslash) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || (escape_backslash && c == '\\')) out += c;
    out += c;
  }
  return out + quote;
}

/// Its CREATE USER knows no REQUIRE, and its ALTER USER no password.
bool has_old_accounts(const ServerFacts* server) {
  return server != nullptr &&
         !(server->is_mariadb() ? server->version.at_least(10, 2) : server->version.at_least(5, 7));
}

}  // namespace

std::string quoted_name(std::string_view name) {
  return enclosed(name, '`', false);
}

std::string quoted_text(std::string_view text) {
  return enclosed(text, '\'', true);
}

std::string quoted_account(std::string_view account) {
  const std::size_t at = account.rfind('@');
  if (at == std::string_view::npos) return quoted_text(account);
  return quoted_account(account.substr(0, at), account.substr(at + 1));
}

std::string quoted_account(std::string_view user, std::string_view host) {
  return quoted_text(user) + "@" + quoted_text(host);
}

Lines set_variable(const ServerFacts& server, std::string_view name, std::string_view value) {
  const std::string assignment = std::string(name) + " = " + std::string(value);
  if (server.is_mysql(8, 0)) return {"SET PERSIST " + assignment + ";"};
  return {"SET GLOBAL " + assignment + ";",
          "# and in the server's option file, under [mysqld]:", assignment};
}

Lines set_on_replica(const CloudRules& cloud, const ServerFacts* replica, std::string_view name,
                     std::string_view value) {
  const std::string assignment = std::string(name) + " = " + std::string(value);
  if (!cloud.has_super) return {"# server parameter: " + assignment};
  if (replica != nullptr) return set_variable(*replica, name, value);
  return {"SET GLOBAL " + assignment + ";"};
}

std::string reload_tls(const ServerFacts* server) {
  if (server != nullptr && server->is_mysql(8, 0, 16)) return "ALTER INSTANCE RELOAD TLS;";
  if (server != nullptr && server->is_mariadb() && server->version.at_least(10, 4)) {
    return "FLUSH SSL;";
  }
  return "# restart it";
}

Lines set_option(std::string_view name, std::string_view value) {
  std::string line(name);
  line.append(" = ").append(value);
  return {"# in the server's option file, under [mysqld], then restart it:", line};
}

Lines create_relay_account(const ServerFacts* server, std::string_view user, bool tls) {
  const std::string account = quoted_account(user, "%");
  const std::string require = tls ? " REQUIRE SSL" : "";
  const bool old = has_old_accounts(server);
  return {"CREATE USER " + account + " IDENTIFIED BY '...'" + (old ? "" : require) + ";",
          "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO " + account +
              (old ? require : "") + ";"};
}

std::string change_relay_password(const ServerFacts* server, std::string_view user) {
  const std::string account = quoted_account(user, "%");
  if (has_old_accounts(server)) return "SET PASSWORD FOR " + account + " = PASSWORD('...');";
  return "ALTER USER " + account + " IDENTIFIED BY '...';";
}

std::string explain_error(std::uint16_t code) {
  if (code == 0) return "# the server's error log tells if it has ended the connection";
  return "perror " + std::to_string(code) + "    # what the server means";
}

}  // namespace sluice::proxy::check

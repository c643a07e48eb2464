#include "proxy/check/privileges.hpp"

#include "proxy/base/list_text.hpp"
#include "proxy/check/statements.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view account_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-howto-repuser.html";

Requirement judge_plugin(const ServerFacts& master, const AccountFacts& account) {
  Requirement found{"authentication", State::ok, account.plugin, {}, "Sluice"};
  if (account.plugin == "mysql_native_password" && master.is_mysql(8, 0)) {
    found.state = State::warn;
    found.reason += ": deprecated, off by default since MySQL 8.4 and gone from 9.0 on";
    found.remedy = {"ALTER USER " + quoted_account(account.account) +
                    " IDENTIFIED WITH caching_sha2_password BY '...';"};
    found.source = "dev.mysql.com/doc/refman/8.4/en/native-pluggable-authentication.html";
  }
  return found;
}

Requirement judge_slave(const AccountFacts& account) {
  if (account.grants.has("REPLICATION SLAVE")) {
    return {"REPLICATION SLAVE", State::ok, account.account + " has it", {}, account_manual};
  }
  return {"REPLICATION SLAVE",
          State::fail,
          account.account + " has it not: the master will refuse to send its binlog",
          {"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO " +
           quoted_account(account.account) + ";"},
          account_manual};
}

/// MariaDB 10.5 and later: BINLOG MONITOR is its new name.
Requirement judge_client(const AccountFacts& account) {
  if (account.grants.has_any({"REPLICATION CLIENT", "BINLOG MONITOR"})) {
    return {"REPLICATION CLIENT", State::ok, account.account + " has it", {}, "Sluice"};
  }
  return {"REPLICATION CLIENT",
          State::warn,
          account.account + " has it not: it cannot tell where the binlog is",
          {"GRANT REPLICATION CLIENT ON *.* TO " + quoted_account(account.account) + ";"},
          "Sluice"};
}

Requirement judge_excess(const ServerFacts& master, const AccountFacts& account) {
  Requirement found{"no other privileges", State::ok, account.account, {}, "Sluice"};
  std::string list;
  const auto add = [&list](const std::string& one) {
    constexpr std::size_t longest = 160;
    if (list.ends_with(", ...")) return;
    add_to_list(list, list.size() < longest ? one : "...");
  };
  for (const std::string& privilege : account.grants.global) {
    // SLAVE MONITOR was part of REPLICATION CLIENT before MariaDB 10.5.
    if (privilege != "REPLICATION SLAVE" && privilege != "REPLICATION CLIENT" &&
        privilege != "BINLOG MONITOR" && privilege != "SLAVE MONITOR") {
      add(privilege);
    }
  }
  for (const std::string& other : account.grants.elsewhere) add(other);
  if (list.empty()) return found;
  found.state = State::warn;
  found.reason += " has more than it needs: " + list;
  found.remedy = {
      "REVOKE ALL PRIVILEGES, GRANT OPTION FROM " + quoted_account(account.account) + ";",
      "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO " + quoted_account(account.account) +
          ";"};
  if (account.grants.roles) {
    found.remedy.emplace_back(
        "-- if a role gives it: REVOKE that role, or have none active after a login:");
    found.remedy.push_back("SET DEFAULT ROLE NONE " +
                           std::string(master.is_mariadb() ? "FOR " : "TO ") +
                           quoted_account(account.account) + ";");
  }
  return found;
}

}  // namespace

Findings judge_privileges(const ServerFacts& master, const AccountFacts& account) {
  return {judge_plugin(master, account), judge_slave(account), judge_client(account),
          judge_excess(master, account)};
}

}  // namespace sluice::proxy::check

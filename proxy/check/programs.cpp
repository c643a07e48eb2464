#include "proxy/check/programs.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "proxy/base/list_text.hpp"
#include "proxy/check/statements.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view definer_manual =
    "dev.mysql.com/doc/refman/8.4/en/stored-objects-security.html";
constexpr std::string_view creators_manual =
    "dev.mysql.com/doc/refman/8.4/en/stored-programs-logging.html";
constexpr std::string_view event_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-features-invoked.html";

/// Accounts that servers have of their own, or get when they are installed. One of that name for
/// another host somebody has made.
bool is_own(std::string_view account) {
  static constexpr std::array<std::string_view, 6> users{
      "mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys", "root", "mysql"};
  static constexpr std::array<std::string_view, 3> hosts{"localhost", "127.0.0.1", "::1"};
  if (account.starts_with('@')) return true;
  const std::size_t at = account.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view user = account.substr(0, at);
  const std::string_view host = account.substr(at + 1);
  return std::ranges::find(users, user) != users.end() &&
         std::ranges::find(hosts, host) != hosts.end();
}

/// A definer without a host is a role of MariaDB.
std::string create_account(const std::string& account) {
  if (account.find('@') == std::string::npos) return "CREATE ROLE " + quoted_account(account) + ";";
  return "CREATE USER " + quoted_account(account) + " IDENTIFIED BY '...';";
}

Lines create_accounts(const std::vector<std::string>& accounts, std::size_t most) {
  Lines lines;
  for (const std::string& account : accounts) {
    if (lines.size() == most) {
      lines.push_back("-- and " + std::to_string(accounts.size() - most) + " more");
      break;
    }
    lines.push_back(create_account(account));
  }
  return lines;
}

Requirement judge_definers(const std::vector<ProgramFacts>& programs, const ReplicaPrograms& there,
                           const CloudRules& cloud) {
  std::map<std::string, std::size_t> missing;
  std::size_t count = 0;
  for (const ProgramFacts& program : programs) {
    if (there.accounts && there.accounts->has(program.definer)) continue;
    ++missing[program.definer];
    ++count;
  }
  Requirement found{"definers", State::ok, {}, {}, definer_manual};
  if (missing.empty()) {
    found.reason = programs.empty() ? "no views, routines, triggers or events"
                                    : "all of them exist on the replica";
    return found;
  }
  found.state = State::warn;
  std::vector<std::string> names;
  std::string list;
  for (const auto& [definer, uses] : missing) {
    if (names.size() < 5) {
      add_to_list(list, definer + " (" + std::to_string(uses) + ")");
    } else if (names.size() == 5) {
      list += ", ...";
    }
    names.push_back(definer);
  }
  found.reason =
      std::to_string(count) + " views, routines, triggers and events run as " + list +
      (there.accounts ? ", who are not on the replica" : ", who must be on the replica too");
  found.remedy = create_accounts(names, most_listed);
  found.remedy.insert(found.remedy.begin(),
                      "-- on the replica, with the grants that they have here:");
  if (!cloud.has_super) {
    // Rows may hold such a text; mariadb-dump gives each a line of its own.
    found.remedy.emplace_back(
        "-- or restore the dump without them: sed -E "
        "'/^(INSERT|REPLACE|\\()/!s/DEFINER=`[^`]+`@`[^`]+`//g' DUMP.sql");
  }
  return found;
}

/// Restoring functions and triggers into a server with a binlog takes SUPER (error 1419).
Requirement judge_creators(const std::vector<ProgramFacts>& programs, const ServerFacts* replica,
                           const CloudRules& cloud) {
  constexpr std::string_view name = "log_bin_trust_function_creators";
  Requirement found{std::string(name), State::ok, "not needed", {}, creators_manual};
  const auto count = std::ranges::count_if(programs, [](const ProgramFacts& program) {
    return program.kind == "function" || program.kind == "trigger";
  });
  if (cloud.has_super || count == 0) return found;
  if (replica != nullptr && replica->find(name) != nullptr) {
    if (!replica->is_on("log_bin")) return found;
    if (replica->is_on(name)) {
      found.reason = "ON on the replica";
      return found;
    }
  }
  found.state = State::warn;
  found.reason = "a dump with " + std::to_string(count) +
                 " functions and triggers is restored there only while this is ON (error 1419)";
  found.remedy = {"-- on the replica:"};
  append(found.remedy, set_on_replica(cloud, replica, name, "ON"));
  return found;
}

/// On a replica of its own making an event arrives disabled; one that a dump has brought does not.
Requirement judge_events(const std::vector<ProgramFacts>& programs, const ServerFacts& master,
                         const ServerFacts* replica, const ReplicaPrograms& there,
                         const CloudRules& cloud) {
  std::vector<const ProgramFacts*> running;
  for (const ProgramFacts& program : programs) {
    if (program.enabled) running.push_back(&program);
  }
  Requirement found{"events", State::ok, "none is enabled", {}, event_manual};
  if (running.empty()) return found;
  found.reason = std::to_string(running.size()) + " enabled";
  const std::string* scheduler = replica == nullptr ? nullptr : replica->find("event_scheduler");
  if (scheduler != nullptr && *scheduler != "ON") {
    found.reason += "; the replica's event_scheduler is " + *scheduler;
    return found;
  }
  if (there.programs) {
    std::erase_if(running, [&there](const ProgramFacts* event) {
      return std::ranges::none_of(*there.programs, [event](const ProgramFacts& other) {
        return other.kind == "event" && other.text() == event->text() && other.enabled;
      });
    });
    if (running.empty()) {
      found.reason += ", none of them on the replica";
      return found;
    }
    found.state = State::fail;
    found.reason =
        std::to_string(running.size()) + " are enabled on the replica too, and run on both sides";
  } else {
    found.state = State::warn;
    found.reason += ": those that a dump brings to the replica are enabled there too";
  }
  const ServerFacts& words = replica == nullptr ? master : *replica;
  const std::string disable = words.is_mysql(8, 4) ? " DISABLE ON REPLICA;" : " DISABLE ON SLAVE;";
  found.remedy = {"-- on the replica:"};
  append(found.remedy, set_on_replica(cloud, replica, "event_scheduler", "OFF"));
  found.remedy.emplace_back("-- or:");
  for (std::size_t i = 0; i < running.size() && i < most_listed; ++i) {
    found.remedy.push_back("ALTER EVENT " + quoted_name(running[i]->schema) + "." +
                           quoted_name(running[i]->name) + disable);
  }
  if (running.size() > most_listed) {
    found.remedy.push_back("-- and " + std::to_string(running.size() - most_listed) + " more");
  }
  return found;
}

}  // namespace

Findings judge_programs(const std::vector<ProgramFacts>& programs, const ServerFacts& master,
                        const ServerFacts* replica, const ReplicaPrograms& there,
                        const CloudRules& cloud) {
  return {judge_definers(programs, there, cloud), judge_creators(programs, replica, cloud),
          judge_events(programs, master, replica, there, cloud)};
}

Requirement judge_accounts(const Accounts& accounts, const std::optional<Accounts>& there,
                           std::string_view relay_user, bool listed, const CloudRules& cloud) {
  std::vector<std::string> missing;
  for (const std::string& account : accounts.users) {
    if (is_own(account) || account.starts_with(std::string(relay_user) + "@")) continue;
    if (!there || !there->users.contains(account)) missing.push_back(account);
  }
  Requirement found{"accounts", State::ok, {}, {}, cloud.source};
  if (missing.empty()) {
    found.reason = there ? "the replica has those of the master" : "none but the server's own";
    return found;
  }
  found.state = State::warn;
  found.reason = std::to_string(missing.size()) +
                 (there ? " are not on the replica" : " on the master") +
                 ": accounts are not replicated";
  if (listed) {
    found.remedy = create_accounts(missing, missing.size());
    found.remedy.insert(found.remedy.begin(),
                        "-- on the replica; SHOW GRANTS FOR each here tells the rest:");
  } else {
    found.remedy = {"sluice check --accounts ...   # lists them as CREATE USER statements"};
  }
  return found;
}

}  // namespace sluice::proxy::check

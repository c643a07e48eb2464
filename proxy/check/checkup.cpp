#include "proxy/check/checkup.hpp"

#include <algorithm>
#include <ctime>

#include "proxy/base/list_text.hpp"
#include "proxy/check/binlog.hpp"
#include "proxy/check/certificates.hpp"
#include "proxy/check/configuration.hpp"
#include "proxy/check/failures.hpp"
#include "proxy/check/loopback.hpp"
#include "proxy/check/network.hpp"
#include "proxy/check/privileges.hpp"
#include "proxy/check/programs.hpp"
#include "proxy/check/reach.hpp"
#include "proxy/check/replica_users.hpp"
#include "proxy/check/schema_facts.hpp"
#include "proxy/check/settings.hpp"
#include "proxy/check/statements.hpp"
#include "proxy/check/tables.hpp"
#include "proxy/check/versions.hpp"
#include "proxy/master/master_target.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::check {
namespace {

/// A connection and what was asked on it first.
struct Opened {
  std::unique_ptr<SqlClient> client;  ///< null: `failure`
  MasterFailure failure;
  std::optional<ServerFacts> server;
  Grants grants;
};

/// What is known of the replica: all of it, its version, or nothing.
struct Replica {
  Opened opened;
  std::optional<ServerFacts> facts;

  [[nodiscard]] const ServerFacts* server() const { return facts ? &*facts : nullptr; }
};

Opened open(const MasterTarget& target) {
  Opened opened;
  auto client = SqlClient::open(target);
  if (!client) {
    opened.failure = client.error();
    return opened;
  }
  const auto server = ask_for_facts(**client);
  const auto grants = ask_for_grants(**client);
  if (!server || !grants) {
    const QueryError& error = server ? grants.error() : server.error();
    opened.failure = {MasterFailure::Stage::login, error.code, error.text, {}};
    return opened;
  }
  opened.server = *server;
  opened.grants = *grants;
  opened.client = *std::move(client);
  return opened;
}

/// One relay's checks.
class Checkup {
 public:
  Checkup(const CheckOptions& options, const RelayConfig& relay, Replica& replica, Report& report)
      : options_(options),
        relay_(relay),
        replica_(replica),
        cloud_(rules_of(options.cloud)),
        report_(report) {}

  void run() {
    add("certificates", check_certificates(relay_, std::time(nullptr)));
    if (options_.offline) return;
    const NetworkFacts network = look_at_network(relay_);
    add("network", judge_network(network, cloud_));
    add("users", judge_replica_users(relay_.replica, replica_.server(), cloud_));
    check_master();
    if (master_.server) {
      check_settings();
      check_schemas();
    }
    const LoopbackFacts loopback = log_in_through(relay_, options_.config_path, network);
    add("Sluice", judge_loopback(loopback, master_.server ? &*master_.server : nullptr));
  }

 private:
  void add(std::string subject, Findings requirements) {
    report_.push_back({relay_.name, std::move(subject), std::move(requirements)});
  }

  void check_master() {
    ReachFacts facts;
    const auto target = make_master_target(relay_.master);
    if (!target) {
      add("master", {{"TLS", State::fail, target.error().text, remedy_for_tls(target.error().fault),
                      "OpenSSL"}});
      return;
    }
    facts.address = target->address();
    master_ = open(*target);
    if (master_.client) {
      facts.tls = master_.client->master().connection().tls_description();
      facts.server = master_.server;
    } else {
      facts.failure = master_.failure;
      facts.server = facts_of_version(master_.failure.server_version);
    }
    const bool reached = !facts.failure || facts.failure->stage > MasterFailure::Stage::connect;
    if (reached && relay_.master.tls.mode != MasterTlsMode::disabled) {
      facts.presented = look_at_certificate(*target);
    }
    Findings found = judge_reach(facts, relay_.master, std::time(nullptr));
    if (master_.server) {
      const auto versions =
          judge_versions(*master_.server, replica_.server(), relay_.requirements, cloud_);
      found.insert(found.end(), versions.begin(), versions.end());
    }
    add("master", std::move(found));
    if (!master_.client) return;
    AccountFacts account;
    account.user = relay_.master.user;
    account.account = master_.client->value("SELECT CURRENT_USER()").value_or(account.user + "@%");
    account.plugin = master_.client->master().plugin();
    account.grants = master_.grants;
    add("privileges", judge_privileges(*master_.server, account));
    open_more(*target);
  }

  /// The account that may see more, if there is one.
  void open_more(MasterTarget target) {
    if (!options_.as) return;
    target.config.user = options_.as->user;
    target.config.password = options_.as->password;
    more_ = open(target);
    if (more_.client) {
      add("login as " + options_.as->user,
          {{"login", State::ok, "for what " + relay_.master.user + " may not see", {}, "Sluice"}});
    } else {
      add("login as " + options_.as->user, {judge_other_login(options_.as->user, more_.failure)});
    }
  }

  [[nodiscard]] Opened& seer() { return more_.client ? more_ : master_; }

  void check_settings() {
    const ServerFacts& master = *master_.server;
    const BinlogFacts binlog = look_at_binlog(*seer().client, master);
    add("binlog", judge_binlog(master, replica_.server(), binlog, cloud_));
    SettingFacts facts;
    const std::string* zone = master.find("time_zone");
    if (replica_.opened.client && zone != nullptr && is_named_time_zone(*zone)) {
      const std::string question =
          "SELECT CONVERT_TZ('2020-01-01 00:00:00', '+00:00', " + quoted_text(*zone) + ")";
      facts.replica_knows_time_zone = replica_.opened.client->value(question).has_value();
    }
    const std::string* collation = master.find("collation_server");
    if (replica_.opened.client && collation != nullptr) {
      // Not information_schema.collations: MariaDB has some there without their character set.
      const std::string character_set = collation->substr(0, collation->find('_'));
      const std::string question = "SELECT COUNT(CONVERT('' USING " + quoted_name(character_set) +
                                   ") COLLATE " + quoted_name(*collation) + ")";
      facts.replica_knows_collation = replica_.opened.client->value(question).has_value();
    }
    add("settings", judge_settings(master, replica_.server(), facts, cloud_));
  }

  filters::TableRules rules() const {
    const auto lower_case = master_.server->number("lower_case_table_names").value_or(0);
    return relay_.filter.rules.comparing(
        filters::name_case(master_.server->is_mariadb(), static_cast<unsigned>(lower_case)));
  }

  /// How an account that may see it all is made.
  [[nodiscard]] Lines seer_account() const {
    const bool routines = master_.server->is_mysql(8, 0, 20);
    return {"CREATE USER 'sluice_check'@'%' IDENTIFIED BY '...';",
            "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT" +
                std::string(routines ? ", SHOW_ROUTINE" : "") + " ON *.* TO 'sluice_check'@'%';",
            "sluice check --as sluice_check ..."};
  }

  Requirement unseen(std::string name, const std::vector<std::string>& missing) {
    std::string list;
    for (const std::string& one : missing) add_to_list(list, one);
    const std::string who = more_.client ? options_.as->user : relay_.master.user;
    return {std::move(name), State::skip, who + " lacks " + list, seer_account(), "Sluice"};
  }

  void check_schemas() {
    Opened& from = seer();
    Findings found = check_tables(from);
    const ReplicaPrograms there = programs_there();
    const Findings programs = check_programs(from, there);
    found.insert(found.end(), programs.begin(), programs.end());
    found.push_back(check_accounts(from, there));
    add("schemas", std::move(found));
  }

  Findings check_tables(Opened& from) {
    if (const auto missing = missing_for_tables(from.grants); !missing.empty()) {
      return {unseen("tables", missing)};
    }
    const auto schemas = ask_for_schemas(*from.client, *from.server, rules());
    if (!schemas) return {judge_unanswered("tables", schemas.error(), seer_account())};
    return judge_tables(*schemas, *master_.server, replica_.server(),
                        {relay_.requirements.primary_key, relay_.requirements.innodb}, cloud_);
  }

  Findings check_programs(Opened& from, const ReplicaPrograms& there) {
    const std::string name = "views, routines, events";
    if (const auto missing = missing_for_programs(*from.server, from.grants); !missing.empty()) {
      return {unseen(name, missing)};
    }
    const auto programs = ask_for_programs(*from.client, *from.server, rules());
    if (!programs) return {judge_unanswered(name, programs.error(), seer_account())};
    return judge_programs(*programs, *master_.server, replica_.server(), there, cloud_);
  }

  Requirement check_accounts(Opened& from, const ReplicaPrograms& there) {
    const auto accounts = ask_for_accounts(*from.client, *from.server);
    if (!accounts) {
      const QueryError& error = accounts.error();
      if (is_denied(error)) return unseen("accounts", {"SELECT on mysql.user"});
      return judge_unanswered("accounts", error, seer_account());
    }
    return judge_accounts(*accounts, there.accounts, relay_.master.user, options_.list_accounts,
                          cloud_);
  }

  ReplicaPrograms programs_there() const {
    ReplicaPrograms there;
    if (!replica_.opened.client) return there;
    const Opened& replica = replica_.opened;
    if (auto accounts = ask_for_accounts(*replica.client, *replica.server)) {
      there.accounts = *std::move(accounts);
    }
    if (!replica.grants.has("EVENT")) return there;
    if (auto programs = ask_for_programs(*replica.client, *replica.server, filters::TableRules())) {
      there.programs = *std::move(programs);
    }
    return there;
  }

  const CheckOptions& options_;
  const RelayConfig& relay_;
  Replica& replica_;
  const CloudRules& cloud_;
  Report& report_;
  Opened master_;
  Opened more_;
};

Replica open_replica(const CheckOptions& options, const Config& all, Report& report) {
  Replica replica;
  if (!options.replica_version.empty()) replica.facts = facts_of_option(options.replica_version);
  if (!options.replica) return replica;
  MasterConfig config;
  config.host = options.replica->host;
  config.port = options.replica->port;
  config.user = options.replica->login.user;
  config.password = options.replica->login.password;
  config.tls = options.replica->tls;
  // Both servers are of one version: where the master needs an old TLS, so does the replica.
  const auto relay = std::ranges::find(all.relays, options.relay, &RelayConfig::name);
  config.tls.min_version =
      (relay == all.relays.end() ? all.relays.front() : *relay).master.tls.min_version;
  const auto target = make_master_target(config);
  if (!target) {
    report.push_back({"", "replica", {judge_replica_tls(target.error().text)}});
    return replica;
  }
  replica.opened = open(*target);
  Requirement found;
  if (replica.opened.client) {
    replica.facts = replica.opened.server;
    found = {
        "login", State::ok, target->address() + ": " + replica.facts->version_text, {}, "Sluice"};
  } else {
    found = judge_replica_login(*target, replica.opened.failure);
  }
  report.push_back({"", "replica", {found}});
  return replica;
}

}  // namespace

Report check_up(const CheckOptions& options, const Config& config) {
  Report report;
  report.push_back(
      {"", "configuration",
       judge_warnings(options.config_path, config.warnings, find_closed_files(config))});
  if (config.admin && !config.admin->cert.empty()) {
    report.push_back({"", "admin", {check_admin_certificate(*config.admin, std::time(nullptr))}});
  }
  Replica replica = open_replica(options, config, report);
  for (const RelayConfig& relay : config.relays) {
    if (!options.relay.empty() && relay.name != options.relay) continue;
    Checkup(options, relay, replica, report).run();
  }
  return report;
}

}  // namespace sluice::proxy::check

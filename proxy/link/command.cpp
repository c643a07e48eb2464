#include "proxy/link/command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "filters/rules/versions.hpp"
#include "protocol/auth/native_password.hpp"
#include "proxy/base/list_text.hpp"
#include "proxy/check/replica_users.hpp"
#include "proxy/cli/chosen_relay.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/cli/terminal.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/config/password_limits.hpp"
#include "proxy/link/authority.hpp"
#include "proxy/link/dump.hpp"
#include "proxy/link/kept.hpp"
#include "proxy/link/source.hpp"
#include "proxy/link/warnings.hpp"
#include "proxy/master/master_target.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::link {
namespace {

std::size_t longest_password(const check::CloudRules& rules) {
  return rules.cloud == check::Cloud::mariadb ? longest_for_mariadb : longest_for_mysql;
}

struct Arguments {
  std::string config;
  std::string cloud;
  std::string relay;
  std::string user;
  std::string position;
  std::string gtid;  ///< the set; empty: what the dump or the master has
  bool by_gtid = false;
  bool now = false;
  std::string from_dump;
  std::string replica_version;
  std::string ca;
  std::string replica_ca = "/etc/mysql/sluice-ca.pem";
  bool ask_password = false;
  std::string comments = "on";
};

/// How it ended, if it has, and what is said about it.
struct Problem {
  ExitStatus status = done;
  std::string text;

  explicit operator bool() const { return status != done; }
};

Problem wrong(std::string text) {
  return {wrong_usage, std::move(text)};
}

/// The user that the replica logs in as.
boost::system::result<const auth::Account*, std::string> find_user(const Arguments& arguments,
                                                                   const RelayConfig& relay) {
  std::string names;
  for (const auth::Account& account : relay.replica.users) {
    if (account.name == arguments.user ||
        (arguments.user.empty() && relay.replica.users.size() == 1)) {
      return &account;
    }
    add_to_list(names, account.name);
  }
  return "name one of the users of relay " + relay.name + " with --user: " + names;
}

bool is_password_of(const auth::Account& account, const auth::Secret& password) {
  if (account.verifier.check_password(password)) return true;
  // A hash for mysql_native_password tells of one login only; so this is one.
  constexpr std::string_view nonce = "abcdefghijklmnopqrst";
  return account.verifier.check_native(auth::native_scramble(password, nonce), nonce);
}

Problem find_password(const auth::Account& account, std::size_t longest, Source& source) {
  auto password = ::isatty(STDIN_FILENO) == 0
                      ? read_secret_input()
                      : ask_secret("Password of " + account.name + " on Sluice: ");
  if (!password) {
    return wrong(password.error().why.empty() ? "no password" : password.error().why);
  }
  if (!is_password_of(account, *password)) {
    return {failed, "that is not the password of " + account.name + " in the configuration"};
  }
  if (password->reveal().size() > longest) {
    return {failed, "the password of " + account.name + " is longer than the " +
                        std::to_string(longest) + " characters that such a replica takes"};
  }
  source.password = *std::move(password);
  return {};
}

/// The version, and with `coordinates` the end of the binlog, as the master tells them; without,
/// whether it still has what comes behind those that are known.
Problem ask_master(const RelayConfig& relay, bool coordinates, Source& source) {
  const auto target = make_master_target(relay.master);
  if (!target) return {failed, target.error()};
  const auto client = SqlClient::open(*target);
  if (!client) {
    return {failed, "the master at " + target->address() + ": " + client.error().text +
                        (coordinates ? ""
                                     : "; --replica-version would do without asking for its "
                                       "version")};
  }
  const auto facts = check::ask_for_facts(**client);
  if (!facts) return {failed, "the master at " + target->address() + ": " + facts.error().text};
  source.master = *facts;
  if (source.replica.version_text.empty()) source.replica = *facts;
  if (facts->is_mariadb() && !source.replica.is_mariadb()) {
    return {failed, "the master is " + check::to_text(facts->version) + ", which " +
                        check::to_text(source.replica.version) + " cannot follow"};
  }
  if (!coordinates) {
    auto why = why_not_kept(**client, *facts, source.by_gtid, source.coordinates);
    return why.empty() ? Problem{} : Problem{failed, std::move(why)};
  }
  auto found = ask_for_coordinates(**client, *facts);
  if (!found) return {failed, found.error().why};
  source.coordinates = *std::move(found);
  return {};
}

Problem find_coordinates(const Arguments& arguments, const RelayConfig& relay, Source& source) {
  source.by_gtid = arguments.by_gtid;
  bool ask = false;
  if (!arguments.position.empty()) {
    auto found = parse_position(arguments.position);
    if (!found) return wrong("--position: " + found.error().why);
    source.coordinates = *std::move(found);
  } else if (!arguments.from_dump.empty()) {
    auto found = read_dump(arguments.from_dump, source.by_gtid);
    if (!found) return wrong("--from-dump: " + found.error().why);
    source.coordinates = *std::move(found);
  } else if (!arguments.gtid.empty()) {
    source.coordinates.gtids = without_blanks(arguments.gtid);
    source.coordinates.origin = "--gtid";
    if (source.coordinates.gtids->empty()) return wrong("--gtid: the set is empty");
  } else {
    ask = true;
  }
  if (ask || source.replica.version_text.empty()) {
    if (auto problem = ask_master(relay, ask, source)) return problem;
  }
  const auto& gtids = source.coordinates.gtids;
  if (source.by_gtid && gtids && !gtids->empty() &&
      !is_gtid_set(*gtids, source.replica.is_mariadb())) {
    const auto status = arguments.now ? failed : wrong_usage;
    return {status, source.coordinates.origin + ": '" + *gtids + "' is no " +
                        (source.replica.is_mariadb() ? "GTID position such as 0-1-7"
                                                     : "GTID set such as UUID:1-7")};
  }
  return {};
}

/// Options that go together, or do not.
Problem judge(const Arguments& arguments) {
  const bool position = !arguments.position.empty();
  const bool dump = !arguments.from_dump.empty();
  const bool set = !arguments.gtid.empty();
  if (!position && !dump && !set && !arguments.now) {
    return wrong(
        "from where is the replica to go on? --from-dump FILE, --position FILE:POSITION, --gtid "
        "SET, or --now: from the end of the master's binlog, for a replica that has all before it");
  }
  if (position + dump + arguments.now > 1 || (position && arguments.by_gtid)) {
    return wrong("--position, --gtid SET, --now and --from-dump: one of them");
  }
  if (set && (dump || arguments.now)) {
    return wrong("--gtid with --from-dump or --now takes no set of its own");
  }
  if (arguments.comments != "on" && arguments.comments != "off") {
    return wrong("--comments: '" + arguments.comments + "' is neither on nor off");
  }
  return {};
}

/// The replica's version, if it is given.
Problem find_version(const Arguments& arguments, const check::CloudRules& rules, Source& source) {
  const std::string& text = arguments.replica_version;
  if (text.empty()) return {};
  auto facts = check::facts_of_option(text);
  if (!facts) {
    return wrong("--replica-version: '" + text +
                 "' is no version such as 8.0.36 or 10.11.6-MariaDB");
  }
  if (rules.cloud == check::Cloud::mariadb) {
    facts->version.flavour = wire::Flavour::mariadb;  // said by --for
    if (!filters::is_supported_master(facts->version)) {
      return wrong("--replica-version: '" + text + "' is no version of MariaDB such as 10.11.6");
    }
  }
  source.replica = *std::move(facts);
  return {};
}

Problem read_source(const Arguments& arguments, const RelayConfig& relay,
                    const check::CloudRules& rules, Source& source) {
  source.config = arguments.config;
  if (!relay.advertise) {
    return wrong(arguments.config + ": relay " + relay.name +
                 " has no `advertise`: the name or address, and port, by which the replica finds "
                 "it, such as advertise = \"sluice.example.com:3306\"");
  }
  source.address = *relay.advertise;
  const auto account = find_user(arguments, relay);
  if (!account) return wrong(account.error());
  source.user = (*account)->name;
  source.ca_path = arguments.replica_ca;
  source.client_certificate = !relay.replica.tls.client_ca.empty();
  if (auto problem = find_version(arguments, rules, source)) return problem;
  if (!arguments.ca.empty()) {
    const std::string why = why_unreadable(arguments.ca);
    if (!why.empty()) return wrong("--ca: " + arguments.ca + " cannot be read: " + why);
  }
  if (relay.replica.tls.mode != ReplicaTlsMode::disabled) {
    auto authority = authority_of(relay.replica.tls, arguments.ca);
    if (!authority) {
      return {arguments.ca.empty() ? failed : wrong_usage, authority.error().why};
    }
    source.authority = *std::move(authority);
  }
  if (auto why = check::why_no_certificate(relay.replica.tls, rules); !why.empty()) {
    return {failed, std::move(why)};
  }
  if (auto problem = find_coordinates(arguments, relay, source)) return problem;
  if (auto why = check::why_no_login(**account, &source.replica, rules, relay.replica.tls);
      !why.empty()) {
    return {failed, why + ": take one of sluice passwd --native"};
  }
  if (!arguments.ask_password) return {};
  return find_password(**account, longest_password(rules), source);
}

Problem print(const Arguments& arguments) {
  if (auto problem = judge(arguments)) return problem;
  const auto cloud = check::cloud_of(arguments.cloud);
  if (!cloud) {
    return wrong("--for: '" + arguments.cloud +
                 "' is not one of azure, rds, cloudsql, mysql, mariadb");
  }
  const auto relay = load_chosen_relay(arguments.config, arguments.relay);
  if (!relay) return wrong(relay.error().why);
  const check::CloudRules& rules = check::rules_of(*cloud);
  Source source;
  if (auto problem = read_source(arguments, *relay, rules, source)) return problem;
  source.warnings = find_warnings(source, *relay, rules);
  const auto script = make_script(source, rules);
  if (!script) return {failed, script.error()};
  if (arguments.comments == "off" && script->has_steps()) {
    return wrong("--comments off: on " + std::string(rules.name) +
                 " the statements alone do not link a replica; the comments have steps between");
  }
  for (const std::string& warning : source.warnings) {
    std::cerr << "sluice link: warning: " << warning << '\n';
  }
  std::cout << script->text(arguments.comments == "on");
  return {};
}

int run(const Arguments& arguments) {
  // The C library writes to name servers without MSG_NOSIGNAL (send_vc() in resolv/res_send.c).
  std::signal(SIGPIPE, SIG_IGN);
  const Problem problem = print(arguments);
  if (problem) std::cerr << "sluice link: " << problem.text << '\n';
  return problem.status;
}

constexpr const char* examples =
    "Examples:\n"
    "  sluice link sluice.toml --for azure --from-dump dump.sql\n"
    "  sluice link sluice.toml --for rds --position binlog.000042:1234\n"
    "  sluice link sluice.toml --for mysql --now --gtid --replica-version 8.0.36\n"
    "  sluice link sluice.toml --for mariadb --gtid=0-1-7 --ask-password < replica.password\n"
    "  sluice link sluice.toml --for mysql --now --comments off --ask-password | mysql "
    "--host=REPLICA\n"
    "\n"
    "The statements are printed, and run nowhere; nothing is changed. Exit status: 0 done, 1 the "
    "master does not\ntell what is needed, 2 wrong usage or configuration, or a file that is named "
    "and of no use.";

}  // namespace

void add_command(CLI::App& app, std::function<int()>& chosen) {
  auto arguments = std::make_shared<Arguments>();
  auto& command = *app.add_subcommand(
      "link", "Print the statements that make a server, or a cloud's, a replica of Sluice");
  command.footer(examples);
  command.add_option("CONFIG", arguments->config, "The configuration file (TOML)")
      ->type_name("FILE")
      ->required();
  command.add_option("--for", arguments->cloud, "What the replica is")
      ->type_name("azure|rds|cloudsql|mysql|mariadb")
      ->required();
  command
      .add_option("--relay", arguments->relay, "Of this relay, if the configuration has several")
      ->type_name("NAME");
  command
      .add_option("--user", arguments->user,
                  "As this user of [[relay.replica.user]], if there are several")
      ->type_name("NAME");
  command.add_flag(
      "--now", arguments->now,
      "From the end of the master's binlog: for a replica that has all before it, and a "
      "master that nobody writes to");
  command.add_option("--position", arguments->position, "From there in the master's binlog")
      ->type_name("FILE:POSITION");
  auto* gtid = command
                   .add_option("--gtid", arguments->gtid,
                               "By GTID: what the replica has already, or without a set what the "
                               "dump or, with --now, the master has")
                   ->type_name("SET")
                   ->expected(0, 1);
  command
      .add_option("--from-dump", arguments->from_dump,
                  "From where this dump was made: a file of mysqldump or mariadb-dump (also gzip, "
                  "zstd), the "
                  "folder of mydumper or MySQL Shell")
      ->type_name("FILE");
  command
      .add_option("--replica-version", arguments->replica_version,
                  "Its version, such as 8.0.36 or 10.11.6-MariaDB; default: the master's")
      ->type_name("VERSION");
  command
      .add_option("--ca", arguments->ca,
                  "The authority of Sluice's certificate (PEM); default: the root in the "
                  "certificate's file, or the system's")
      ->type_name("FILE");
  command
      .add_option("--replica-ca", arguments->replica_ca,
                  "Where the replica has that file (mysql, mariadb)")
      ->type_name("PATH")
      ->capture_default_str();
  command.add_flag("--ask-password", arguments->ask_password,
                   "Ask for the user's password, or read it from the standard input, and print "
                   "it; default: a placeholder");
  command.add_option("--comments", arguments->comments, "off: the statements alone")
      ->type_name("on|off")
      ->capture_default_str();
  command.callback([arguments, gtid, &chosen] {
    arguments->by_gtid = gtid->count() > 0;
    chosen = [arguments] { return run(*arguments); };
  });
}

}  // namespace sluice::proxy::link

#include "proxy/link/command.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "proxy/cli/chosen_relay.hpp"
#include "proxy/link/read_source.hpp"
#include "proxy/link/warnings.hpp"

namespace sluice::proxy::link {
namespace {

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

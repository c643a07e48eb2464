#include "proxy/check/command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <variant>

#include "proxy/base/list_text.hpp"
#include "proxy/check/checkup.hpp"
#include "proxy/check/configuration.hpp"
#include "proxy/check/printer.hpp"
#include "proxy/check/server_facts.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/cli/terminal.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/config/config_names.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy::check {
namespace {

struct Arguments {
  std::string config;
  std::string relay;
  std::string cloud = "azure";
  std::string as;
  std::string password_file;
  std::string replica;
  std::string replica_user;
  std::string replica_password_file;
  std::string replica_tls;  ///< empty: as a relay verifies its master
  std::string replica_ca;
  std::string replica_version;
  bool accounts = false;
  bool offline = false;
  bool json = false;
};

/// Wrong usage: what is said about it.
using Problem = std::string;

/// From the file, the environment or the terminal, in this order.
Problem find_password(const std::string& file, const char* variable, const std::string& prompt,
                      auth::Secret& password) {
  if (!file.empty()) {
    auto read = read_secret(file);
    if (!read) return read.error().why;
    password = *std::move(read);
    return {};
  }
  if (auto held = read_secret_variable(variable)) {
    if (!*held) return "what is in " + std::string(variable) + " " + held->error().why;
    password = **std::move(held);
    return {};
  }
  auto typed = ask_secret(prompt);
  if (!typed) {
    if (!typed.error().why.empty()) return typed.error().why;
    return "no password: there is no terminal to ask on, no " + std::string(variable) +
           " in the environment, and no file was named";
  }
  password = *std::move(typed);
  return {};
}

/// The first option that is no use without another replica to look at.
std::string_view option_for_replica(const Arguments& arguments) {
  if (!arguments.replica_user.empty()) return "--replica-user";
  if (!arguments.replica_password_file.empty()) return "--replica-password-file";
  if (!arguments.replica_tls.empty()) return "--replica-tls";
  if (!arguments.replica_ca.empty()) return "--replica-ca";
  return {};
}

Problem read_replica_tls(const Arguments& arguments, MasterTls& tls) {
  if (!arguments.replica_tls.empty()) {
    const MasterTlsMode* mode = value_of(master_tls_modes, arguments.replica_tls);
    if (mode == nullptr) {
      return "--replica-tls: '" + arguments.replica_tls + "' is not one of " +
             list_of(master_tls_modes);
    }
    tls.mode = *mode;
  }
  tls.ca = arguments.replica_ca;
  if (tls.ca.empty()) return {};
  const std::string why = why_unreadable(tls.ca);
  return why.empty() ? why : "--replica-ca: " + tls.ca + " cannot be read: " + why;
}

Problem read_replica(const Arguments& arguments, CheckOptions& options) {
  options.replica_version = arguments.replica_version;
  if (!arguments.replica_version.empty() && !facts_of_option(arguments.replica_version)) {
    return "--replica-version: '" + arguments.replica_version +
           "' is no version such as 8.0.36 or 10.11.6-MariaDB";
  }
  if (arguments.replica.empty()) {
    const std::string_view option = option_for_replica(arguments);
    return option.empty() ? Problem() : std::string(option) + " needs --replica";
  }
  const auto address = parse_public_address(arguments.replica);
  if (!address) return "--replica: " + address.error().why;
  if (arguments.replica_user.empty()) return "--replica needs --replica-user";
  ReplicaOptions replica;
  replica.host = address->host;
  replica.port = address->port;
  replica.login.user = arguments.replica_user;
  if (auto problem = read_replica_tls(arguments, replica.tls); !problem.empty()) return problem;
  if (auto problem = find_password(
          arguments.replica_password_file, "SLUICE_REPLICA_PASSWORD",
          "Password of " + replica.login.user + " on the replica: ", replica.login.password);
      !problem.empty()) {
    return problem;
  }
  options.replica = std::move(replica);
  return {};
}

Problem read_options(const Arguments& arguments, CheckOptions& options) {
  options.config_path = arguments.config;
  options.offline = arguments.offline;
  if (arguments.offline) {
    for (const auto& [name, given] : {std::pair("--as", !arguments.as.empty()),
                                      std::pair("--replica", !arguments.replica.empty()),
                                      std::pair("--accounts", arguments.accounts)}) {
      if (given) return std::string(name) + " asks a server, and --offline asks none";
    }
  }
  options.relay = arguments.relay;
  options.list_accounts = arguments.accounts;
  const auto cloud = cloud_of(arguments.cloud);
  if (!cloud) {
    return "--for: '" + arguments.cloud + "' is not one of azure, rds, cloudsql, mysql, mariadb";
  }
  options.cloud = *cloud;
  if (!arguments.as.empty()) {
    Credentials credentials{arguments.as, {}};
    if (auto problem =
            find_password(arguments.password_file, "SLUICE_CHECK_PASSWORD",
                          "Password of " + arguments.as + " on the master: ", credentials.password);
        !problem.empty()) {
      return problem;
    }
    options.as = std::move(credentials);
  } else if (!arguments.password_file.empty()) {
    return "--password-file needs --as";
  }
  return read_replica(arguments, options);
}

Problem find_relay(const CheckOptions& options, const Config& config) {
  if (options.relay.empty()) return {};
  std::string names;
  for (const RelayConfig& relay : config.relays) {
    if (relay.name == options.relay) return {};
    add_to_list(names, relay.name);
  }
  return "--relay: there is no '" + options.relay + "'; there are " + names;
}

int wrong(const Problem& problem) {
  std::cerr << "sluice check: " << problem << '\n';
  return wrong_usage;
}

int print(const Report& report, bool json) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here ever changes the environment
  const bool colour = ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  std::cout << (json ? as_json(report) : as_text(report, colour)) << std::flush;
  return count(report, State::fail) == 0 ? done : failed;
}

int run(const Arguments& arguments) {
  // The C library writes to name servers without MSG_NOSIGNAL (send_vc() in resolv/res_send.c).
  std::signal(SIGPIPE, SIG_IGN);
  const auto loaded = load_config(arguments.config);
  if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
    (void)print({{"", "configuration", judge_errors(*errors)}}, arguments.json);
    return wrong_usage;
  }
  const Config& config = std::get<Config>(loaded);
  CheckOptions options;
  if (const auto problem = read_options(arguments, options); !problem.empty())
    return wrong(problem);
  if (const auto problem = find_relay(options, config); !problem.empty()) return wrong(problem);
  return print(check_up(options, config), arguments.json);
}

constexpr const char* examples =
    "Examples:\n"
    "  sluice check /etc/sluice/sluice.toml\n"
    "  sluice check sluice.toml --as root                 # asks for its password, sees tables\n"
    "  sluice check sluice.toml --for rds --as root --password-file root.password\n"
    "  sluice check sluice.toml --as root --replica my.mysql.database.azure.com \\\n"
    "      --replica-user admin --accounts                # compares both servers\n"
    "  sluice check new.toml --offline                # before it takes the place of the old one\n"
    "  sluice check sluice.toml --json | jq '.requirements[] | select(.state == \"FAIL\")'\n"
    "\n"
    "Each requirement is a line: ok, warn, FAIL or skip, its name and what was found; under those "
    "that are\nnot ok, what to do. Nothing is changed anywhere. Exit status: 0 nothing FAILs, 1 "
    "something does,\n2 wrong usage or configuration.";

}  // namespace

void add_command(CLI::App& app, std::function<int()>& chosen) {
  auto arguments = std::make_shared<Arguments>();
  auto& command = *app.add_subcommand(
      "check", "Is everything ready? Each requirement a line: ok, warn, FAIL, and what to do");
  command.footer(examples);
  command.add_option("CONFIG", arguments->config, "The configuration file (TOML)")
      ->type_name("FILE")
      ->required();
  command.add_option("--for", arguments->cloud, "Whose rules count; default: azure")
      ->type_name("azure|rds|cloudsql|mysql|mariadb");
  command.add_option("--relay", arguments->relay, "This relay of the configuration only")
      ->type_name("NAME");
  command
      .add_option("--as", arguments->as,
                  "An account of the master that may see more than the relay's: tables, accounts")
      ->type_name("USER");
  command
      .add_option("--password-file", arguments->password_file,
                  "Its password; else $SLUICE_CHECK_PASSWORD, else asked for")
      ->type_name("FILE");
  command.add_option("--replica", arguments->replica, "The replica, to compare")
      ->type_name("HOST[:PORT]");
  command.add_option("--replica-user", arguments->replica_user, "An account there")
      ->type_name("USER");
  command
      .add_option("--replica-password-file", arguments->replica_password_file,
                  "Its password; else $SLUICE_REPLICA_PASSWORD, else asked for")
      ->type_name("FILE");
  command
      .add_option("--replica-tls", arguments->replica_tls,
                  "How to verify it; default: verify-identity")
      ->type_name("verify-identity|verify-ca|required|disabled");
  command
      .add_option("--replica-ca", arguments->replica_ca,
                  "The authorities of its certificate (PEM); default: the system's")
      ->type_name("FILE");
  command
      .add_option("--replica-version", arguments->replica_version,
                  "Its version, such as 8.0.36, if it is not to be asked")
      ->type_name("VERSION");
  command.add_flag(
      "--accounts", arguments->accounts,
      "List the accounts that the replica lacks (all, without --replica) as CREATE USER "
      "statements");
  command.add_flag("--offline", arguments->offline,
                   "Only what there is on this machine: the configuration, and the files it names");
  command.add_flag("--json", arguments->json, "JSON instead of text");
  command.callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace sluice::proxy::check

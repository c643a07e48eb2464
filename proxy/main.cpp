// The command line.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>

#include "proxy/check/command.hpp"
#include "proxy/exit_status.hpp"
#include "proxy/inspect/command.hpp"
#include "proxy/link/command.hpp"
#include "proxy/passwd.hpp"
#include "proxy/run_relays.hpp"

using namespace sluice::proxy;

int main(int argc, char** argv) {
  CLI::App app(
      "Sluice relays the binlog of a MySQL or MariaDB master to its replicas: over TLS, "
      "without the mysql schema and without account changes, at unchanged coordinates.");
  app.set_version_flag("--version", "sluice " SLUICE_VERSION);
  app.require_subcommand(0, 1);
  app.failure_message(CLI::FailureMessage::help);

  std::string config;
  const char* const config_help = "The configuration file (TOML)";
  app.add_option("CONFIG", config, config_help)->group("");
  auto* run_command =
      app.add_subcommand("run", "Relay as the configuration says, until SIGTERM (the default)");
  run_command->add_option("CONFIG", config, config_help)->required();
  std::function<int()> chosen = [&config] { return run_relays(config); };
  check::add_command(app, chosen);
  link::add_command(app, chosen);
  inspect::add_command(app, chosen);
  add_passwd_command(app, chosen);

  try {
    app.parse(argc, argv);
    if (config.empty() && app.get_subcommands().empty()) throw CLI::CallForHelp();
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return argc > 1 ? done : wrong_usage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? done : wrong_usage;
  }
  return chosen();
}

#include "proxy/command_line.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <set>
#include <system_error>

#include "proxy/check/command.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/cli/passwd.hpp"
#include "proxy/config/config_problems.hpp"
#include "proxy/inspect/command.hpp"
#include "proxy/link/command.hpp"
#include "proxy/server/run_relays.hpp"
#include "proxy/tap/command.hpp"

namespace sluice::proxy {
namespace {

constexpr const char* run_footer =
    "Examples:\n"
    "  sluice run /etc/sluice/sluice.toml\n"
    "  sluice sluice.toml                             # the same\n"
    "\n"
    "SIGHUP loads the configuration anew. SIGTERM and SIGINT let each session finish its "
    "transaction; a\nsecond one ends it at once. Exit status: 0 done, 1 failed, 2 wrong usage or "
    "configuration.";

/// What an empty value stands behind, as in `--gtid "$SET"` and `--gtid=$SET` where SET is not set;
/// empty: there is none. It would be taken for no value, or the next word for it.
std::string_view before_empty_value(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.empty()) return argv[i - 1];
    if (word.starts_with("--") && word.find('=') == word.size() - 1) return word;
  }
  return {};
}

/// A mistake, and where to read on: all of the help would push it off the screen.
std::string point_to_help(const CLI::App* app, const CLI::Error& error) {
  const auto commands = app->get_subcommands();
  if (!commands.empty()) app = commands.front();
  const std::string command = commands.empty() ? "sluice" : "sluice " + app->get_name();
  std::string what = error.what();
  if (const std::string name = app->get_name() + ": "; what.starts_with(name)) {
    what.erase(0, name.size());
  }
  return command + ": " + what + "; see " + command + " --help\n";
}

/// What is wrong with the first word if it was meant as a command; empty: nothing.
std::string why_no_command(const CLI::App& app, const std::string& word) {
  std::set<std::string> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.insert(command->get_name());
  }
  std::error_code ignored;
  if (word.empty() || word.starts_with('-') || commands.contains(word) ||
      std::filesystem::exists(word, ignored)) {
    return {};
  }
  const std::string_view meant = nearest(word, commands);
  // What looks like the name of a file was meant as one.
  if (meant.empty() && word.find_first_of("./") != std::string::npos) return {};
  return "there is no command '" + word + "', and no such file" +
         (meant.empty() ? "" : "; did you mean '" + std::string(meant) + "'?");
}

/// CLI11's own leaves the place of the file empty, as only commands are listed.
class Usage : public CLI::Formatter {
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: sluice COMMAND ...\n       sluice CONFIG\n";
  }
};

}  // namespace

CommandLine::CommandLine()
    : app_(
          "Sluice relays the binlog of a MySQL or MariaDB master to its replicas: over TLS, "
          "without the mysql schema and without account changes, at unchanged coordinates.",
          "sluice") {
  app_.set_version_flag("--version", "sluice " SLUICE_VERSION, "Print the version and exit");
  app_.require_subcommand(0, 1);
  app_.failure_message(point_to_help);

  const char* const config_help = "The configuration file (TOML)";
  app_.add_option("CONFIG", config_without_run_, config_help)->group("");
  auto& run_command =
      *app_.add_subcommand("run", "Relay as the configuration says, until SIGTERM (the default)");
  run_command.footer(run_footer);
  run_command.add_option("CONFIG", config_, config_help)->required()->type_name("FILE");
  check::add_command(app_, chosen_);
  link::add_command(app_, chosen_);
  inspect::add_command(app_, chosen_);
  tap::add_command(app_, chosen_);
  add_passwd_command(app_, chosen_);
  // Commands would have it too.
  app_.formatter(std::make_shared<Usage>());
}

std::function<int()> CommandLine::choose(int argc, char** argv) {
  const auto end = [](int status) { return [status] { return status; }; };
  if (const auto word = before_empty_value(argc, argv); !word.empty()) {
    std::cerr << "sluice: the value behind " << word << " is empty: give one, or leave both out\n";
    return end(wrong_usage);
  }
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "help" && argc == 2) {
    std::cout << app_.help();
    return end(done);
  }
  if (const auto why = why_no_command(app_, std::string(first)); !why.empty()) {
    std::cerr << "sluice: " << why << '\n';
    return end(wrong_usage);
  }
  try {
    app_.parse(argc, argv);
    const bool has_command = !app_.get_subcommands().empty();
    if (has_command && !config_without_run_.empty()) {
      throw CLI::ExtrasError({config_without_run_});
    }
    if (!has_command) config_ = config_without_run_;
    if (!has_command && config_.empty()) throw CLI::CallForHelp();
  } catch (const CLI::CallForHelp&) {
    (argc > 1 ? std::cout : std::cerr) << app_.help();
    return end(argc > 1 ? done : wrong_usage);
  } catch (const CLI::ParseError& error) {
    return end(app_.exit(error) == 0 ? done : wrong_usage);
  }
  if (chosen_) return chosen_;
  return [config = config_] { return run_relays(config); };
}

}  // namespace sluice::proxy

#include "proxy/inspect/command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>

#include "proxy/cli/chosen_relay.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/inspect/inspection.hpp"

namespace sluice::proxy::inspect {
namespace {

struct Arguments {
  std::vector<std::string> files;
  events::PrintOptions print;
  std::string statements;
  bool summary = false;
  bool progress = false;
  std::string write_to;
  std::string config;
  std::string relay;
  std::optional<unsigned> lower_case_table_names;
};

int wrong(const std::string& what) {
  std::cerr << "sluice inspect: " << what << '\n';
  return wrong_usage;
}

ProgressStyle progress_style(const Arguments& arguments) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  // On one terminal it would stand between the lines.
  const bool alone = arguments.summary || ::isatty(STDOUT_FILENO) == 0;
  if (terminal && (alone || arguments.progress)) return ProgressStyle::in_place;
  return arguments.progress ? ProgressStyle::lines : ProgressStyle::none;
}

/// What is wrong with the arguments, or nothing.
std::string read_print_options(const Arguments& arguments, InspectionOptions& options) {
  options.files = arguments.files;
  options.print = arguments.print;
  options.summary = arguments.summary;
  options.write_to = arguments.write_to;
  options.progress = progress_style(arguments);
  if (arguments.statements == "kept") {
    options.print.statements = events::ShownStatements::kept;
  } else if (arguments.statements == "all") {
    options.print.statements = events::ShownStatements::all;
  } else if (!arguments.statements.empty()) {
    return "--statements, or --statements=all";
  }
  if (!arguments.write_to.empty() && arguments.files.size() > 1) {
    return "--write takes one FILE at a time";
  }
  if (std::ranges::count(arguments.files, "-") > 1) return "there is one standard input only";
  return {};
}

/// The same of what stands in a configuration, or goes with one.
std::string read_rules(const Arguments& arguments, InspectionOptions& options) {
  const auto& lower_case = arguments.lower_case_table_names;
  if (arguments.config.empty()) {
    if (!arguments.relay.empty()) return "--relay needs --config";
    return lower_case ? "--lower-case-table-names needs --config" : "";
  }
  constexpr unsigned highest = 2;
  if (lower_case.value_or(0) > highest) return "--lower-case-table-names: 0, 1 or 2";
  options.lower_case_table_names = lower_case.value_or(0);
  auto relay = load_chosen_relay(arguments.config, arguments.relay);
  if (!relay) return relay.error().why;
  options.rules = std::move(relay->filter.rules);
  options.max_payload = relay->filter.max_payload;
  options.requirements = {relay->requirements.primary_key, relay->requirements.innodb};
  return {};
}

int run(const Arguments& arguments) {
  InspectionOptions options;
  if (const auto problem = read_print_options(arguments, options); !problem.empty()) {
    return wrong(problem);
  }
  if (const auto problem = read_rules(arguments, options); !problem.empty()) return wrong(problem);

  // A reader that goes away (head) must not keep a file half written.
  std::signal(SIGPIPE, SIG_IGN);
  events::Output out(STDOUT_FILENO);
  const bool good = Inspection(std::move(options), out).run();
  if (out.error() == EPIPE) {
    std::signal(SIGPIPE, SIG_DFL);
    return std::raise(SIGPIPE);
  }
  if (out.error() != 0) {
    std::cerr << "sluice inspect: standard output: " << std::strerror(out.error()) << '\n';
    return failed;
  }
  return good ? done : failed;
}

}  // namespace

void add_command(CLI::App& app, std::function<int()>& chosen) {
  auto arguments = std::make_shared<Arguments>();
  auto& command = *app.add_subcommand(
      "inspect", "Show the events of binlog files, and what the filters would do to each");
  command.footer(
      "Every event is a line: position, time (UTC), type, size, what becomes of it (keep, drop, "
      "stop) and\n"
      "by which rule, what it is about. Events within a compressed transaction follow it, marked "
      "with '|'.\n"
      "Relay logs have the same format; give all of a transaction, in their order.\n"
      "Exit status: 0 done, 1 a file is damaged or cannot be read, or a relay would stop there, 2 "
      "wrong\nusage or configuration.");
  command
      .add_option("FILE", arguments->files,
                  "Binlog files, also compressed by gzip or zstd; - for the standard input")
      ->type_name("FILE")
      ->required();
  command.add_flag("--json", arguments->print.json, "A JSON object a line");
  command.add_flag("--only-dropped", arguments->print.only_dropped,
                   "Only the events that would be dropped, or end the stream");
  command.add_flag("--summary", arguments->summary, "Numbers instead of events");
  command.add_flag("--rows", arguments->print.rows,
                   "The rows of row events, of dropped ones too: they may hold secrets");
  command.add_flag(
      "--statements{kept}", arguments->statements,
      "The text of statements that pass and change no account; --statements=all: of every "
      "statement.\nThey may hold passwords and personal data");
  command
      .add_option("--write", arguments->write_to,
                  "Write what would pass to a new file, at the same positions")
      ->type_name("FILE");
  command
      .add_option(
          "--config", arguments->config,
          "Use the rules and [relay.requirements] of this configuration (default: drop the system "
          "schema)")
      ->type_name("FILE");
  command
      .add_option("--relay", arguments->relay, "Of this relay, if the configuration has several")
      ->type_name("NAME");
  command
      .add_option("--lower-case-table-names", arguments->lower_case_table_names,
                  "How a MySQL master compares names with the patterns of 'ignore' and 'only': its "
                  "variable of\nthat name, which its binlog does not tell; default: 0, byte by "
                  "byte. MariaDB never minds case")
      ->type_name("0|1|2");
  command.add_flag("--progress", arguments->progress,
                   "Say how far it is, also when that does not go to a terminal");
  command.callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace sluice::proxy::inspect

#include <CLI/CLI.hpp>

#include "proxy/base/list_text.hpp"
#include "proxy/manual/options.hpp"
#include "proxy/manual/pages.hpp"
#include "proxy/manual/roff.hpp"

namespace sluice::proxy::manual {
namespace {

/// " FILE", "[=SET]", "": what follows an option.
std::string value_text(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  return needs_value(option) ? " " + type : "[=" + type + "]";
}

void add_options(Roff& page, const CLI::App& command) {
  for (const CLI::Option* option : positionals_of(command)) {
    page.term(option->get_name(true), "", option->get_description());
  }
  for (const CLI::Option* option : options_of(command)) {
    std::string names;
    for (const std::string& name : names_of(*option)) add_to_list(names, name);
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += "; default: " + option->get_default_str();
    page.term(names, value_text(*option), text);
  }
}

std::string synopsis(const CLI::App& command) {
  std::string text = "sluice " + command.get_name();
  for (const CLI::Option* option : options_of(command)) {
    if (option->get_required()) text += " " + names_of(*option)[0] + value_text(*option);
  }
  text += " [OPTIONS]";
  for (const CLI::Option* option : positionals_of(command)) {
    text += " " + option->get_name(true) + (option->get_expected_max() > 1 ? "..." : "");
  }
  return text + "\n";
}

}  // namespace

std::string command_page(const CLI::App& app) {
  Roff page("sluice", 1, "a filtering TLS relay for MySQL and MariaDB replication");
  page.heading("SYNOPSIS");
  std::string lines;
  for (const CLI::App* command : commands_of(app)) lines += synopsis(*command);
  page.literal(lines + "sluice --help | --version");
  page.heading("DESCRIPTION");
  page.paragraph(app.get_description());
  page.paragraph(
      "To a replica Sluice is the master, to the master it is a replica. It keeps no state: it may "
      "be ended at any moment, and a replica may be moved from it to the master and back.");
  page.heading("OPTIONS");
  add_options(page, app);
  page.heading("COMMANDS");
  for (const CLI::App* command : commands_of(app)) {
    page.subheading(command->get_name());
    page.paragraph(command->get_description() + ".");
    add_options(page, *command);
    page.text(command->get_footer());
  }
  page.heading("EXIT STATUS");
  page.term("0", "", "Done.");
  page.term("1", "", "Failed: the log or a message says why.");
  page.term("2", "", "Wrong usage or configuration.");
  page.heading("ENVIRONMENT");
  page.term("SLUICE_CHECK_PASSWORD, SLUICE_REPLICA_PASSWORD", "",
            "Passwords for check, where no file is named.");
  page.term("NO_COLOR", "", "check prints without colours.");
  page.heading("FILES");
  page.term("/etc/sluice/sluice.toml", "",
            "The configuration that the service sluice.service runs, see sluice.toml(5).");
  page.heading("SEE ALSO");
  page.paragraph("sluice.toml(5), mysqlbinlog(1), systemctl(1)");
  return page.page();
}

}  // namespace sluice::proxy::manual

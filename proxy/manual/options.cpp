#include "proxy/manual/options.hpp"

#include <CLI/CLI.hpp>

namespace sluice::proxy::manual {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty();
  });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) {
    return option->get_positional() && !option->get_group().empty();
  });
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  return names;
}

bool needs_value(const CLI::Option& option) {
  return option.get_items_expected_min() > 0;
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  std::vector<std::string> words;
  const std::string all = option.get_type_name();
  if (all.find('|') == std::string::npos) return words;
  for (std::size_t begin = 0; begin <= all.size();) {
    const std::size_t end = std::min(all.find('|', begin), all.size());
    words.push_back(all.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool takes_file(const CLI::Option& option) {
  return option.get_type_name() == "FILE";
}

}  // namespace sluice::proxy::manual

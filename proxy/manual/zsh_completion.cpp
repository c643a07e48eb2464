#include <CLI/CLI.hpp>

#include "proxy/manual/options.hpp"
#include "proxy/manual/pages.hpp"

namespace sluice::proxy::manual {
namespace {

/// Within single quotes, and within the brackets or behind the colon of a specification.
std::string specified(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else if (c == '\n') {
      out += ' ';
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string action(const CLI::Option& option) {
  if (takes_file(option)) return "_files";
  std::string words;
  for (const std::string& word : choices_of(option)) words += (words.empty() ? "" : " ") + word;
  return words.empty() ? " " : "(" + words + ")";
}

std::string specifications(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    for (const std::string& name : names_of(*option)) {
      const bool takes = option->get_items_expected_max() > 0;
      text += " \\\n        '" + name + (takes && name.starts_with("--") ? "=" : "");
      // With an optional value only the form with '=' has one.
      if (takes && !needs_value(*option)) text += '-';
      text += "[" + specified(option->get_description()) + "]";
      if (takes) {
        text += std::string(needs_value(*option) ? ":" : "::") +
                specified(option->get_type_name()) + ":" + action(*option);
      }
      text += "'";
    }
  }
  for (const CLI::Option* option : positionals_of(command)) {
    const bool many = option->get_expected_max() > 1;
    text += " \\\n        '" + std::string(many ? "*" : "1") + ":" +
            specified(option->get_name(true)) + ":_files'";
  }
  return text + "\n";
}

}  // namespace

std::string zsh_completion(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    commands += "    '" + command->get_name() + ":" + specified(command->get_description()) + "'\n";
    cases += "    " + command->get_name() + ")\n      _arguments" + specifications(*command) +
             "      ;;\n";
  }
  return "#compdef sluice\n"
         "# made by the build of sluice\n"
         "_sluice() {\n"
         "  local curcontext=$curcontext state line\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  _arguments -C '(- *)--help[Print help and exit]' '(- *)--version[Print the version "
         "and exit]' '1: :->command' '*:: :->rest'\n"
         "  case $state in\n"
         "    command)\n"
         "      _describe command commands\n"
         "      _files\n"
         "      return\n"
         "      ;;\n"
         "  esac\n"
         "  case $words[1] in\n" +
         cases +
         "  esac\n"
         "}\n"
         "_sluice \"$@\"\n";
}

}  // namespace sluice::proxy::manual

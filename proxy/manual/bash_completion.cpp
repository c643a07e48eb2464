#include <CLI/CLI.hpp>

#include "proxy/manual/options.hpp"
#include "proxy/manual/pages.hpp"

namespace sluice::proxy::manual {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : between).append(word);
  return text;
}

std::vector<std::string> all_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options_of(command)) {
    const auto own = names_of(*option);
    names.insert(names.end(), own.begin(), own.end());
  }
  return names;
}

/// What may stand behind an option that takes a value.
std::string value_cases(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* option : options_of(command)) {
    if (option->get_items_expected_max() == 0) continue;
    std::string action = "return";
    if (takes_file(*option)) {
      action = "compopt -o default; return";
    } else if (const auto words = choices_of(*option); !words.empty()) {
      action = "words=\"" + joined(words, " ") + "\"";
    } else if (!needs_value(*option)) {
      continue;
    }
    for (const std::string& name : names_of(*option)) {
      text.append("    ").append(command.get_name()).append(":").append(name);
      text.append(") ").append(action).append(" ;;\n");
    }
  }
  return text;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::vector<std::string> commands;
  std::string values;
  std::string options;
  for (const CLI::App* command : commands_of(app)) {
    commands.push_back(command->get_name());
    values += value_cases(*command);
    options += "      " + command->get_name() + ") words=\"" + joined(all_names(*command), " ") +
               "\" ;;\n";
  }
  return "# bash completion for sluice(1); made by its build.\n"
         "_sluice() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local command=\"\" words=\"\" word\n"
         "  # --option=value comes as three words\n"
         "  if [[ $current == \"=\" ]]; then\n"
         "    current=\"\"\n"
         "  elif [[ $previous == \"=\" ]]; then\n"
         "    previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "  fi\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n"
         "    case $word in\n"
         "      " +
         joined(commands, " | ") +
         ") command=$word && break ;;\n"
         "    esac\n"
         "  done\n"
         "  case $command:$previous in\n" +
         values +
         "  esac\n"
         "  if [[ -n $words ]]; then\n"
         "    :\n"
         "  elif [[ -z $command && $current == -* ]]; then\n"
         "    words=\"" +
         joined(all_names(app), " ") +
         "\"\n"
         "  elif [[ -z $command ]]; then\n"
         "    words=\"" +
         joined(commands, " ") +
         "\"\n"
         "    compopt -o default\n"
         "  elif [[ $current == -* ]]; then\n"
         "    case $command in\n" +
         options +
         "    esac\n"
         "  else\n"
         "    compopt -o default\n"
         "    return\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "}\n"
         "complete -F _sluice sluice\n";
}

}  // namespace sluice::proxy::manual

// Commands and options as the manual and the shells' completions look at them.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace sluice::proxy::manual {

/// The commands, in the order of the help.
[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& app);
/// Its options, --help among them.
[[nodiscard]] std::vector<const CLI::Option*> options_of(const CLI::App& command);
/// What it takes without a name: CONFIG, FILE.
[[nodiscard]] std::vector<const CLI::Option*> positionals_of(const CLI::App& command);

/// "--help", "-h"
[[nodiscard]] std::vector<std::string> names_of(const CLI::Option& option);
/// A value must follow it.
[[nodiscard]] bool needs_value(const CLI::Option& option);
/// The words that are all its values; empty: any text.
[[nodiscard]] std::vector<std::string> choices_of(const CLI::Option& option);
[[nodiscard]] bool takes_file(const CLI::Option& option);

}  // namespace sluice::proxy::manual

// What is made of the command line and of the configuration's reference, so that they say the same.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>

namespace sluice::proxy::manual {

/// sluice(1)
[[nodiscard]] std::string command_page(const CLI::App& app);
/// sluice.toml(5), of the text of conf/sluice.toml.
[[nodiscard]] std::string config_page(std::string_view reference);
/// Completion for bash, to be sourced.
[[nodiscard]] std::string bash_completion(const CLI::App& app);
/// For zsh, the file _sluice of its function path.
[[nodiscard]] std::string zsh_completion(const CLI::App& app);

}  // namespace sluice::proxy::manual

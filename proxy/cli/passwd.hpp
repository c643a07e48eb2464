// sluice passwd
#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace sluice::proxy {

/// Adds the subcommand. When it is the one that was given, `chosen` becomes what runs it and
/// returns the exit status.
void add_passwd_command(CLI::App& app, std::function<int()>& chosen);

}  // namespace sluice::proxy

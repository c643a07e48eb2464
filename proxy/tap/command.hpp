// sluice tap
#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace sluice::proxy::tap {

/// Adds the subcommand. When it is the one that was given, `chosen` becomes what runs it and
/// returns the exit status.
void add_command(CLI::App& app, std::function<int()>& chosen);

}  // namespace sluice::proxy::tap

// sluice run CONFIG
#pragma once

#include <string>

namespace sluice::proxy {

/// Relays as the configuration file says, until told to stop. Returns the exit status.
[[nodiscard]] int run_relays(const std::string& config_path);

}  // namespace sluice::proxy

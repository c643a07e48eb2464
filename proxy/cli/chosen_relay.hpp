// One relay of a configuration file, for the commands that work on one.
#pragma once

#include <string>

#include "proxy/config/config_values.hpp"

namespace sluice::proxy {

/// The relay of that name; for an empty name the only one. The error is a text of several lines
/// when the file has several faults, and names the relays when none was chosen.
[[nodiscard]] Parsed<RelayConfig> load_chosen_relay(const std::string& path,
                                                    const std::string& name);

}  // namespace sluice::proxy

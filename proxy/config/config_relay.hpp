// [[relay]] and what is in it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proxy/config/config_section.hpp"

namespace sluice::proxy {

/// What must not occur twice in a file, and where it was seen.
struct TakenNames {
  std::map<std::string, ConfigPosition> relays;
  std::vector<std::pair<ListenAddress, ConfigPosition>> addresses;
};

/// One [[relay]]. Problems go to the section's reading.
[[nodiscard]] RelayConfig read_relay(Section& section, TakenNames& taken);

}  // namespace sluice::proxy

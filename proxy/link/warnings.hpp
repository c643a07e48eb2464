// What makes statements that are right fail all the same.
#pragma once

#include "proxy/config/config.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {

/// Sentences, of those that `sluice check` has about it. Looks the advertised name up.
[[nodiscard]] std::vector<std::string> find_warnings(const Source& source, const RelayConfig& relay,
                                                     const check::CloudRules& rules);

}  // namespace sluice::proxy::link

// A configuration from a parsed TOML document.
#pragma once

#include "proxy/config/config_problems.hpp"
#include "proxy/config/config_toml.hpp"

namespace sluice::proxy {

/// The configuration is of use only if `reading` has no errors afterwards.
[[nodiscard]] Config read_document(const toml::table& document, ConfigReading& reading);

}  // namespace sluice::proxy

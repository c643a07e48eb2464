// What is different between two loadings of a relay's configuration.
#pragma once

#include <string_view>
#include <vector>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

/// The sections that differ, by their names under [[relay]]: "filter", "master.tls". Passwords and
/// users count, what the files of certificates hold does not.
[[nodiscard]] std::vector<std::string_view> changed_sections(const RelayConfig& before,
                                                             const RelayConfig& after);

/// Whether they are at the same address: what is known of one holds for the other.
[[nodiscard]] bool is_same_server(const MasterConfig& before, const MasterConfig& after);

/// Whether a stream that runs may go on: it would have the same master, reached in the same way,
/// and the same rules. Another password of the same account makes no other stream, nor does a
/// limit.
[[nodiscard]] bool is_same_stream(const RelayConfig& before, const RelayConfig& after);

}  // namespace sluice::proxy

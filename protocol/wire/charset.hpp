#pragma once

#include <cstdint>

namespace sluice::wire {

/// The collation that Sluice speaks in, either way (information_schema.COLLATIONS.ID).
inline constexpr std::uint8_t utf8mb4_general_ci = 45;

}  // namespace sluice::wire

// What to do about a master, a replica or a table that breaks a requirement.
#pragma once

#include <cstdint>

namespace sluice::filters {

enum class Reaction : std::uint8_t { refuse, warn, ignore };

}  // namespace sluice::filters

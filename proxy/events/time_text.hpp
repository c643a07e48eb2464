// Points in time as the lines have them.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::proxy::events {

/// "2026-11-25 01:02:03" in UTC; empty for 0, which events have that no server wrote.
[[nodiscard]] std::string time_text(std::uint32_t timestamp);

}  // namespace sluice::proxy::events

// How large the events of a compressed transaction may be together, decompressed.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::filters {

/// Where filter.max_payload says nothing.
inline constexpr std::uint64_t usual_max_payload = std::uint64_t{1} << 30;
inline constexpr std::string_view payload_too_large = "it is larger than filter.max_payload allows";

}  // namespace sluice::filters

// When the end of a certificate is near.
#pragma once

#include <ctime>

namespace sluice::proxy {

inline constexpr std::time_t seconds_of_day = 86'400;
/// A certificate with less time left than that is warned of, at the start, by `check` and by
/// conf/alerts.yml: two weeks.
inline constexpr std::time_t soon_over = 14 * seconds_of_day;

}  // namespace sluice::proxy

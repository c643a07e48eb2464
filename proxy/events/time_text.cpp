#include "proxy/events/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace sluice::proxy::events {

std::string time_text(std::uint32_t timestamp) {
  if (timestamp == 0) return "";
  const std::chrono::sys_seconds moment{std::chrono::seconds{timestamp}};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(moment - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace sluice::proxy::events

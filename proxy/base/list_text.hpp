// Lists and addresses in texts for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::proxy {

/// "a", then "a, b".
inline void add_to_list(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

/// As many characters of a list of GTIDs are shown.
inline constexpr std::size_t shown_gtids = 200;

/// "db.example.com:3306", "[2001:db8::5]:3306".
[[nodiscard]] inline std::string host_and_port(std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string_view::npos;
  return (is_v6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

}  // namespace sluice::proxy

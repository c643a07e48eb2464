#include "protocol/wire/server_version.hpp"

#include <charconv>

namespace sluice::wire {

namespace {

constexpr std::string_view replication_prefix = "5.5.5-";

/// Takes a number and, unless it is the last, the dot behind it.
bool take_number(std::string_view& text, std::uint16_t& number, bool last) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (last) return true;
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<ServerVersion> parse_server_version(std::string_view text) {
  ServerVersion version;
  if (text.find("MariaDB") != std::string_view::npos) version.flavour = Flavour::mariadb;
  if (version.is_mariadb() && text.starts_with(replication_prefix)) {
    text.remove_prefix(replication_prefix.size());
  }
  auto& number = version.number;
  if (!take_number(text, number.major, false) || !take_number(text, number.minor, false) ||
      !take_number(text, number.patch, true)) {
    return std::nullopt;
  }
  return version;
}

}  // namespace sluice::wire

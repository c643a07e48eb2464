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

bool is_mariadb(std::string_view text) {
  return text.find("MariaDB") != std::string_view::npos;
}

}  // namespace

std::string_view without_replication_prefix(std::string_view text) {
  const bool has_prefix = is_mariadb(text) && text.starts_with(replication_prefix);
  return has_prefix ? text.substr(replication_prefix.size()) : text;
}

std::optional<ServerVersion> parse_server_version(std::string_view text) {
  ServerVersion version;
  if (is_mariadb(text)) version.flavour = Flavour::mariadb;
  text = without_replication_prefix(text);
  auto& number = version.number;
  if (!take_number(text, number.major, false) || !take_number(text, number.minor, false) ||
      !take_number(text, number.patch, true)) {
    return std::nullopt;
  }
  return version;
}

}  // namespace sluice::wire

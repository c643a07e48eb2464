// The version string of a server, as far as decisions hang on it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::wire {

enum class Flavour : std::uint8_t { mysql, mariadb };

struct VersionNumber {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::uint16_t patch = 0;
  friend constexpr auto operator<=>(const VersionNumber&, const VersionNumber&) = default;
};

/// Versions of one flavour compare by their number; those of different flavours do not compare.
struct ServerVersion {
  Flavour flavour = Flavour::mysql;
  VersionNumber number;

  [[nodiscard]] bool is_mariadb() const { return flavour == Flavour::mariadb; }
  [[nodiscard]] bool at_least(std::uint16_t major, std::uint16_t minor,
                              std::uint16_t patch = 0) const {
    return number >= VersionNumber{major, minor, patch};
  }
  friend bool operator==(const ServerVersion&, const ServerVersion&) = default;
};

/// As VERSION() says it: without "5.5.5-", where MariaDB has put that in front.
[[nodiscard]] std::string_view without_replication_prefix(std::string_view text);

/// Reads "9.7.4-2", "5.6.24-log", "5.5.5-10.11.19-MariaDB-log", "11.8.6-MariaDB-0+deb13u1 from
/// Debian". MariaDB before 11 puts "5.5.5-" in front for old replicas (sql/sql_acl.cc,
/// RPL_VERSION_HACK). nullopt: it does not start with three numbers.
[[nodiscard]] std::optional<ServerVersion> parse_server_version(std::string_view text);

}  // namespace sluice::wire

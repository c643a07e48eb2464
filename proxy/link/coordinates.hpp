// Where in the master's binlog a replica begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/check/server_facts.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy::link {

struct Coordinates {
  std::string file;            ///< empty: not known
  std::uint64_t position = 0;  ///< of the next event in it
  std::optional<std::string>
      gtids;  ///< what has been executed up to there: a GTID set, or a position of MariaDB
  /// Restoring the dump tells the replica of `gtids`.
  bool restored = false;
  /// The master has said that it still has what comes behind.
  bool kept = false;
  std::string origin;  ///< for people: "the master's at 2026-11-25 22:00:00 UTC", "dump.sql"
};

/// "FILE:POS".
[[nodiscard]] Parsed<Coordinates> parse_position(std::string_view text);

/// A GTID set as one word: servers print it in several lines, and people write blanks in it.
[[nodiscard]] std::string without_blanks(std::string_view text);

/// Whether it may be a GTID set of MySQL ("uuid:1-5,uuid:tag:7") or a position of MariaDB
/// ("0-1-7"), without blanks.
[[nodiscard]] bool is_gtid_set(std::string_view text, bool mariadb);

/// Where the master's binlog ends now. GTIDs are left out if it has none.
[[nodiscard]] Parsed<Coordinates> ask_for_coordinates(SqlClient& client,
                                                      const check::ServerFacts& master);

}  // namespace sluice::proxy::link

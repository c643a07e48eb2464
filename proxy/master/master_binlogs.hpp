// The files of the master's binlog, as it listed them when it was last looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/wire/result_set.hpp"

namespace sluice::proxy {

struct MasterBinlogs {
  struct File {
    std::string name;
    std::uint64_t size = 0;  ///< bytes; of the last one: so far
  };
  std::vector<File> files;  ///< the oldest first, as the master has them

  /// Bytes from there to the end of the last file. 0 for a place behind that end: the master has
  /// written on since. nullopt: nothing is known, or the master has the file no more.
  [[nodiscard]] std::optional<std::uint64_t> bytes_behind(std::string_view file,
                                                          std::uint64_t position) const;
};

/// The answer to SHOW BINARY LOGS (sql/rpl_source.cc, show_binary_logs(); MariaDB:
/// sql/sql_repl.cc): name, size, and what newer servers add. Empty if it is none.
[[nodiscard]] MasterBinlogs parse_binary_logs(const wire::ResultSet& answer);

}  // namespace sluice::proxy

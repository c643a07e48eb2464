// Limits that all servers have, MySQL and MariaDB.
#pragma once

#include <cstddef>

namespace sluice {

/// Of a table, or of a result set (sql/sql_const.h, MAX_FIELDS).
inline constexpr std::size_t max_columns = 4096;
/// Bytes of a binlog file's name (FN_REFLEN).
inline constexpr std::size_t max_file_name = 512;

}  // namespace sluice

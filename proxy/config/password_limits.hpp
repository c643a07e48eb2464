// The longest passwords that replicas can be given for their login at Sluice.
#pragma once

#include <cstddef>

namespace sluice::proxy {

/// Of CHANGE REPLICATION SOURCE TO and CHANGE MASTER TO of MySQL, in characters.
inline constexpr std::size_t longest_for_mysql = 32;
/// Of CHANGE MASTER TO of MariaDB (sql/rpl_mi.h, Master_info::password).
inline constexpr std::size_t longest_for_mariadb = 96;

}  // namespace sluice::proxy

// MariaDB's system versioning: which version of a table's rows a statement reads.
#pragma once

#include "filters/sql/statement_reader.hpp"

namespace sluice::filters {

/// FOR SYSTEM_TIME {ALL | AS OF x | BETWEEN x AND y | FROM x TO y}, which stands before the table's
/// alias. False: it is none, or x is no expression that is understood here.
[[nodiscard]] bool skip_system_time(StatementReader& reader);

}  // namespace sluice::filters

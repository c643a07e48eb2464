// What an event is about: for logs, metrics and `inspect`.
#pragma once

#include <optional>
#include <string_view>

#include "filters/sql/statement_kind.hpp"

namespace sluice::filters {

/// As far as the verdict on the event took to know. The names are parts of the event or of the
/// judge and last until the next event is judged.
struct EventSubject {
  std::string_view schema{};  ///< of TABLE_MAP and row events
  std::string_view table{};
  std::optional<StatementKind> statement{};  ///< of QUERY and the like, and of their companions
  bool mixed = false;     ///< a statement over dropped and kept tables: all of it goes one way
  bool repeated = false;  ///< a TABLE_MAP that is that of the statement before it, byte by byte
};

}  // namespace sluice::filters

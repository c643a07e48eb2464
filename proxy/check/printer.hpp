// A report as text for people or JSON for machines.
#pragma once

#include <string>

#include "proxy/check/requirement.hpp"

namespace sluice::proxy::check {

/// A line a requirement, and under those that are not ok what to do, then a line of numbers.
/// `colour`: with the escape sequences of terminals.
[[nodiscard]] std::string as_text(const Report& report, bool colour);

/// One object: `{"summary": {...}, "requirements": [...]}`.
[[nodiscard]] std::string as_json(const Report& report);

}  // namespace sluice::proxy::check

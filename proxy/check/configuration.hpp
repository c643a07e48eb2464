// The configuration file as requirements.
#pragma once

#include <string>
#include <vector>

#include "proxy/check/requirement.hpp"
#include "proxy/config.hpp"

namespace sluice::proxy::check {

/// Each error as a FAIL with its file and line.
[[nodiscard]] Requirements judge_errors(const ConfigErrors& errors);

/// A valid file: what it is warned of, and who may read its secrets.
[[nodiscard]] Requirements judge_warnings(const std::string& path,
                                          const std::vector<ConfigProblem>& warnings);

}  // namespace sluice::proxy::check

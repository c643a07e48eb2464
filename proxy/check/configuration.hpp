// The configuration file as requirements.
#pragma once

#include <string>
#include <vector>

#include "proxy/check/requirement.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy::check {

/// Each error as a FAIL with its file and line.
[[nodiscard]] Findings judge_errors(const ConfigErrors& errors);

/// Those of the configuration's files that the service, which runs as another user, cannot read
/// because they are for root alone. None where nobody but root would be asked: if this is not root,
/// or the machine has no user of the service's name.
[[nodiscard]] std::vector<std::string> find_closed_files(const Config& config);

/// A valid file: what it is warned of, and who may read its secrets. `closed`: of
/// find_closed_files().
[[nodiscard]] Findings judge_warnings(const std::string& path,
                                      const std::vector<ConfigProblem>& warnings,
                                      const std::vector<std::string>& closed);

}  // namespace sluice::proxy::check

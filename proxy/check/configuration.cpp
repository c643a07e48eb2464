#include "proxy/check/configuration.hpp"

#include "proxy/shell_word.hpp"

namespace sluice::proxy::check {
namespace {

/// How config_credentials.cpp begins to say so.
constexpr std::string_view exposed = "everybody on this machine may read ";

/// The file that a warning of its mode is about.
std::string exposed_file(const ConfigProblem& problem) {
  const std::size_t begin = problem.text.find('\'');
  const std::size_t end = problem.text.rfind('\'');
  if (begin == std::string::npos || end == begin) return problem.file;
  return problem.text.substr(begin + 1, end - begin - 1);
}

}  // namespace

Requirements judge_errors(const ConfigErrors& errors) {
  Requirements found;
  for (const ConfigProblem& error : errors) {
    found.push_back({"valid", State::fail, error.to_string(), {}, "conf/sluice.toml"});
  }
  return found;
}

Requirements judge_warnings(const std::string& path, const std::vector<ConfigProblem>& warnings) {
  Requirements found{{"valid", State::ok, path, {}, "conf/sluice.toml"}};
  bool modes_good = true;
  for (const ConfigProblem& warning : warnings) {
    Requirement one{"advice", State::warn, warning.to_string(), {}, "conf/sluice.toml"};
    if (warning.text.starts_with(exposed)) {
      one.name = "file modes";
      one.remedy = {"chmod o-r " + shell_word(exposed_file(warning))};
      modes_good = false;
    }
    found.push_back(std::move(one));
  }
  if (modes_good) {
    found.push_back({"file modes", State::ok, "secrets are for owner and group only", {}, {}});
  }
  return found;
}

}  // namespace sluice::proxy::check

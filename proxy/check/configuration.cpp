#include "proxy/check/configuration.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "proxy/cli/shell_word.hpp"
#include "proxy/config/config_files.hpp"

namespace sluice::proxy::check {
namespace {

/// The user, and its group, of conf/sluice.service and of the Debian package.
constexpr const char* service_user = "sluice";

constexpr std::string_view reference = "sluice.toml(5)";

}  // namespace

Findings judge_errors(const ConfigErrors& errors) {
  Findings found;
  for (const ConfigProblem& error : errors) {
    found.push_back({"valid", State::fail, error.to_string(), {}, reference});
  }
  return found;
}

std::vector<std::string> find_closed_files(const Config& config) {
  std::vector<std::string> closed;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  if (::geteuid() != 0 || ::getpwnam(service_user) == nullptr) return closed;
  std::ranges::copy_if(config.files, std::back_inserter(closed), is_for_root_alone);
  return closed;
}

Findings judge_warnings(const std::string& path, const std::vector<ConfigProblem>& warnings,
                        const std::vector<std::string>& closed) {
  Findings found{{"valid", State::ok, path, {}, reference}};
  bool modes_good = true;
  for (const ConfigProblem& warning : warnings) {
    Requirement one{"advice", State::warn, warning.to_string(), {}, reference};
    if (!warning.exposed_file.empty()) {
      one.name = "file modes";
      one.remedy = {"chmod o-r " + shell_word(warning.exposed_file)};
      modes_good = false;
    }
    found.push_back(std::move(one));
  }
  for (const std::string& file : closed) {
    const std::string word = shell_word(file);
    std::string open = "chgrp ";
    open.append(service_user).append(" ").append(word).append(" && chmod 640 ").append(word);
    found.push_back({"file modes",
                     State::warn,
                     "root alone may read " + file + ", and the service runs as " + service_user,
                     {std::move(open)},
                     "sluice.service"});
    modes_good = false;
  }
  if (modes_good) {
    found.push_back({"file modes", State::ok, "secrets are for owner and group only", {}, {}});
  }
  return found;
}

}  // namespace sluice::proxy::check

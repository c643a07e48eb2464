#include "proxy/config/config_problems.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace sluice::proxy {
namespace {

std::vector<ConfigProblem> sorted(std::vector<ConfigProblem> problems) {
  std::ranges::stable_sort(problems, {}, [](const ConfigProblem& problem) {
    return std::tuple(problem.line, problem.column);
  });
  return problems;
}

// Edit distance in which two swapped neighbours count as one slip (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous, current(b.size() + 1);
  std::iota(current.begin(), current.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(previous, current);
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

}  // namespace

std::string ConfigProblem::to_string() const {
  std::string out = file;
  if (line != 0) out += ":" + std::to_string(line) + ":" + std::to_string(column);
  if (!key.empty()) out += ": " + key;
  return out + ": " + text;
}

void ConfigReading::error(ConfigPosition position, std::string_view key, std::string text) {
  errors_.push_back(
      {file_.string(), position.line, position.column, std::string(key), std::move(text)});
}

void ConfigReading::warning(ConfigPosition position, std::string_view key, std::string text,
                            std::string exposed_file) {
  warnings_.push_back({file_.string(), position.line, position.column, std::string(key),
                       std::move(text), std::move(exposed_file)});
}

std::string ConfigReading::resolve(std::string_view path) {
  return *named_.insert((file_.parent_path() / path).string()).first;
}

std::set<std::string> ConfigReading::files() const {
  std::set<std::string> all = named_;
  all.insert(file_.string());
  return all;
}

std::vector<ConfigProblem> ConfigReading::errors() const {
  std::vector<ConfigProblem> all = errors_;
  if (lost_) all.push_back({file_.string(), 0, 0, "", "not all of it was read: out of memory"});
  return sorted(std::move(all));
}
std::vector<ConfigProblem> ConfigReading::warnings() const {
  return sorted(warnings_);
}

std::string_view nearest(std::string_view text, const std::set<std::string>& candidates) {
  std::string_view best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t slips = distance(text, candidate);
    if (slips > std::max<std::size_t>(1, candidate.size() / 3)) continue;
    if (best.empty() || slips < best_distance) {
      best = candidate;
      best_distance = slips;
    }
  }
  return best;
}

}  // namespace sluice::proxy

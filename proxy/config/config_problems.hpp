// Collects what is wrong in a configuration file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

/// Where in the file; {0, 0}: nowhere in particular.
struct ConfigPosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool operator==(const ConfigPosition&) const = default;
};

/// One reading of a configuration file: the problems found and the keys that were asked for.
class ConfigReading {
 public:
  explicit ConfigReading(std::filesystem::path file) : file_(std::move(file)) {}

  void error(ConfigPosition position, std::string_view key, std::string text);
  void warning(ConfigPosition position, std::string_view key, std::string text,
               std::string exposed_file = {});
  /// There was no memory for one of them: that is an error, too.
  void lose_problem() noexcept { lost_ = true; }
  /// Notes that `key` (dotted) is a key of the configuration, present or not.
  void known(std::string key) { known_.insert(std::move(key)); }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  /// Relative paths count from the folder of the configuration file.
  [[nodiscard]] std::string resolve(std::string_view path);

  /// The file itself, and those that it names: all that have been resolved.
  [[nodiscard]] std::set<std::string> files() const;

  /// In the order of the file.
  [[nodiscard]] std::vector<ConfigProblem> errors() const;
  [[nodiscard]] std::vector<ConfigProblem> warnings() const;
  [[nodiscard]] const std::set<std::string>& known_keys() const { return known_; }

 private:
  std::filesystem::path file_;
  std::vector<ConfigProblem> errors_;
  std::vector<ConfigProblem> warnings_;
  bool lost_ = false;
  std::set<std::string> known_;
  std::set<std::string> named_;
};

/// The candidate that was probably meant: at most a third of its letters differ. Empty: none.
[[nodiscard]] std::string_view nearest(std::string_view text,
                                       const std::set<std::string>& candidates);

}  // namespace sluice::proxy

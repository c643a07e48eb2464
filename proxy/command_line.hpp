// The program's commands and their options.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

namespace sluice::proxy {

class CommandLine {
 public:
  CommandLine();
  ~CommandLine() = default;
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// What the arguments ask for: it returns the exit status. It needs nothing of what they were
  /// parsed with, which takes a tenth of a megabyte.
  [[nodiscard]] std::function<int()> choose(int argc, char** argv);
  /// For those who describe it. What an option takes is its type's name: "a|b" is one of these
  /// words, "FILE" a path.
  [[nodiscard]] const CLI::App& app() const { return app_; }

 private:
  CLI::App app_;
  std::string config_;              ///< of `run`
  std::string config_without_run_;  ///< before any command
  std::function<int()> chosen_;
};

}  // namespace sluice::proxy

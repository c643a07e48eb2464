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

  /// Does what the arguments ask for. Returns the exit status.
  int run(int argc, char** argv);
  /// For those who describe it. What an option takes is its type's name: "a|b" is one of these
  /// words, "FILE" a path.
  [[nodiscard]] const CLI::App& app() const { return app_; }

 private:
  CLI::App app_;
  std::string config_;  ///< of `run`
  std::function<int()> chosen_;
};

}  // namespace sluice::proxy

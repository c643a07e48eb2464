// Writes the manual pages and the shells' completions into a folder; a step of the build.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "proxy/command_line.hpp"
#include "proxy/manual/pages.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: sluice_manual conf/sluice.toml FOLDER\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string reference{std::istreambuf_iterator<char>(file),
                              std::istreambuf_iterator<char>()};
  const sluice::proxy::CommandLine command_line;
  const CLI::App& app = command_line.app();
  const std::filesystem::path folder = argv[2];
  namespace manual = sluice::proxy::manual;
  bool good = !reference.empty();
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream out(folder / name);
    out << text;
    out.close();
    good = good && out.good();
  };
  write("sluice.1", manual::command_page(app));
  write("sluice.toml.5", manual::config_page(reference));
  write("sluice.bash", manual::bash_completion(app));
  write("_sluice", manual::zsh_completion(app));
  if (!good)
    std::cerr << "sluice_manual: could not read " << argv[1] << " or write to " << argv[2] << '\n';
  return good ? 0 : 1;
}

// Runs a fuzz target on stored inputs: what the fuzzer found once stays found with every compiler.
//
//   fuzz_corpus TARGET FILE-OR-FOLDER...
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "fuzz/fuzz.hpp"

namespace sluice::fuzz {
namespace {

std::map<std::string_view, Target>& targets() {
  static std::map<std::string_view, Target> all;
  return all;
}

void run(Target target, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const Buffer input((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::printf("%s: %zu bytes\n", path.c_str(), input.size());
  std::fflush(stdout);  // names the input that a crash was about
  target(input);
}

int replay(std::string_view name, int paths, char** path) {
  const auto found = targets().find(name);
  if (found == targets().end()) {
    std::fprintf(stderr, "no such target\n");
    return 2;
  }
  std::size_t inputs = 0;
  for (int i = 0; i < paths; ++i) {
    if (!std::filesystem::is_directory(path[i])) {
      run(found->second, path[i]);
      ++inputs;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path[i])) {
      run(found->second, entry.path());
      ++inputs;
    }
  }
  std::printf("%zu inputs\n", inputs);
  return inputs > 0 ? 0 : 1;
}

}  // namespace

bool add_target(std::string_view name, Target target) {
  return targets().emplace(name, target).second;
}

}  // namespace sluice::fuzz

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: fuzz_corpus TARGET FILE-OR-FOLDER...\n");
    return 2;
  }
  return sluice::fuzz::replay(arguments[1], count - 2, arguments + 2);
}

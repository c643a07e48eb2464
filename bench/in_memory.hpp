// What the measurements in memory have in common: cases by name, and the best of several rounds.
// CPU time counts, and what disturbs only adds.
#pragma once

#include <errno.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace sluice::bench {

constexpr int rounds = 7;

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Result {
  std::string name, unit;
  double value = 0;
};

struct Case {
  const char* name;
  std::function<Result()> run;
};

/// The best time in seconds of one call of `work`, which is prepared by `prepare` each time.
inline double best_time(const std::function<void()>& prepare, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    prepare();
    const double begin = cpu_seconds();
    work();
    best = std::min(best, cpu_seconds() - begin);
  }
  return best;
}

/// Ends the program, which measures something else than it says.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
  std::exit(1);
}

/// The program: runs those of `cases` that are named, or all, and prints a line for each.
inline int run(const std::vector<Case>& cases, std::span<char*> names) {
  const bool json =
      std::ranges::any_of(names, [](const char* name) { return std::strcmp(name, "--json") == 0; });
  for (const Case& one : cases) {
    const bool chosen =
        names.size() == (json ? 1 : 0) || std::ranges::any_of(names, [&](const char* name) {
          return std::strcmp(name, one.name) == 0;
        });
    if (!chosen) continue;
    const Result result = one.run();
    std::printf(
        json ? "{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\"}\n" : "%-52s %10.2f %s\n",
        result.name.c_str(), result.value, result.unit.c_str());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace sluice::bench

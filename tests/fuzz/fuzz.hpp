// What the fuzz targets share. A target is one FUZZ_TARGET in one file; libFuzzer calls it with
// bytes of its own making, the replay program (replay/main.cpp) with the stored corpus.
//
//   cmake -S . -B build-fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DSLUICE_FUZZ=ON
//         -DSLUICE_TESTS=OFF -DSLUICE_SANITIZE=address,undefined
//   cmake --build build-fuzz --target fuzz_stream
//   build-fuzz/fuzz_stream NEW-INPUTS tests/fuzz/corpus/stream
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "protocol/bytes.hpp"

namespace sluice::fuzz {

using Target = void (*)(Bytes input);

/// What must hold whatever the input is. Names what did not, and aborts.
inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "property violated: %s\n", what);
  std::abort();
}

/// A copy on the heap at its exact size, so that ASan sees every read past its end.
inline Buffer exact(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Cuts the fuzzer's bytes into choices. When they are used up all further ones are zero.
class Choices {
 public:
  explicit Choices(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool any() const { return !rest_.empty(); }
  std::uint64_t number(std::size_t width) {
    const Bytes taken = take(width);
    return load_le(taken.data(), taken.size());
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  bool yes() { return (byte() & 1) != 0; }

  Bytes take(std::size_t size) {
    const Bytes taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  /// A message of the conversation: two bytes of length, then that much, or what is left.
  Bytes message() { return take(static_cast<std::size_t>(number(2))); }
  Bytes rest() { return take(rest_.size()); }

 private:
  Bytes rest_;
};

}  // namespace sluice::fuzz

#ifdef SLUICE_FUZZ_REPLAY
namespace sluice::fuzz {
bool add_target(std::string_view name, Target target);
}
#define FUZZ_TARGET(name)                                                        \
  static void fuzz_##name(sluice::Bytes input);                                  \
  static const bool added_##name = sluice::fuzz::add_target(#name, fuzz_##name); \
  static void fuzz_##name(sluice::Bytes input)
#else
#define FUZZ_TARGET(name)                                                             \
  static void fuzz_##name(sluice::Bytes input);                                       \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name(sluice::Bytes(data, size));                                           \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_##name(sluice::Bytes input)
#endif

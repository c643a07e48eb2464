#include "unit/test_data.hpp"

namespace sluice::test {

// The one source that is compiled with a path: the others' results are good for a build in any
// folder (ccache).
std::string test_data(std::string_view name) {
  return SLUICE_SOURCE_DIR "/tests/data/" + std::string(name);
}

std::string conf(std::string_view name) {
  return SLUICE_SOURCE_DIR "/conf/" + std::string(name);
}

}  // namespace sluice::test

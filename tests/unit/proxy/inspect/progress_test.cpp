#include "proxy/inspect/progress.hpp"

#include <doctest/doctest.h>

#include <iostream>
#include <sstream>

#include "unit/proxy/temp_folder.hpp"

using namespace sluice;
using namespace sluice::proxy::inspect;

namespace {

/// What is shown of a file of 3 MiB that has been read to its end.
std::string shown(ProgressStyle style, std::chrono::seconds patience) {
  const test::TempFolder folder;
  folder.write("file", std::string(3 << 20, 'x'));
  const auto source = open_source(folder.file("file"));
  Buffer all(4 << 20);
  REQUIRE((*source)->read(all));
  REQUIRE((*source)->read(all));
  std::ostringstream errors;
  auto* const before = std::cerr.rdbuf(errors.rdbuf());
  {
    Progress progress(style, patience);
    progress.begin("a\nname");
    progress.show(**source);
    progress.show(**source);
  }
  std::cerr.rdbuf(before);
  return errors.str();
}

}  // namespace

TEST_CASE("inspect: progress") {
  using std::chrono::seconds;
  CHECK(shown(ProgressStyle::none, seconds(0)) == "");
  CHECK(shown(ProgressStyle::lines, seconds(0)) == "a\\nname: 3 MiB of 3 MiB, 100 %\n");
  CHECK(shown(ProgressStyle::in_place, seconds(0)) ==
        "\r\x1b[Ka\\nname: 3 MiB of 3 MiB, 100 %\r\x1b[K");
  CHECK(shown(ProgressStyle::lines, seconds(60)) == "");
}

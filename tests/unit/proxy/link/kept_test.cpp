#include "proxy/link/kept.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy;
using namespace sluice::proxy::link;

namespace {

std::string why_not(const std::string& file, std::uint64_t position,
                    std::vector<MasterBinlogs::File> files) {
  Coordinates from;
  from.file = file;
  from.position = position;
  from.origin = "dump.sql";
  return why_not_there(from, {std::move(files)});
}

}  // namespace

TEST_CASE("link: a place in the binlog that the master has, and others") {
  const std::vector<MasterBinlogs::File> files = {{"b.000003", 200}, {"b.000004", 100}};
  CHECK(why_not("b.000003", 4, files).empty());
  CHECK(why_not("b.000004", 100, files).empty());
  CHECK(why_not("b.000001", 4, files) ==
        "dump.sql: b.000001:4 is not there: the master keeps b.000003 to b.000004 only; make a new "
        "dump of it");
  CHECK(why_not("b.000004", 101, files) ==
        "dump.sql: b.000004:101 is not there: on the master this file ends at 100; make a new dump "
        "of it");
  CHECK(why_not("b.000077", 4, {{"b.000004", 100}}) ==
        "dump.sql: b.000077:4 is not there: the master keeps b.000004 only; make a new dump of it");
}

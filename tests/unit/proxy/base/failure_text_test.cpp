#include "proxy/base/failure_text.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using binlog::EventType;

TEST_CASE("a failure's text names the place, the event, the statement and the reason") {
  const filters::Coordinates at{"binlog.000042", 124};
  CHECK(proxy::text_of({at, EventType::query, "ALTER EVENT", "it moves"}) ==
        "binlog.000042:124 (QUERY): ALTER EVENT: it moves");
  CHECK(proxy::text_of({at, EventType::table_map, {}, "no key"}) ==
        "binlog.000042:124 (TABLE_MAP): no key");
  CHECK(proxy::text_of({at, EventType::unknown, {}, "no event"}) == "binlog.000042:124: no event");
}

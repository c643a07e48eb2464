#include "proxy/tap/tap_filter.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::proxy::tap;
using binlog::EventType;

namespace {

TapFilter parsed(std::string_view query) {
  auto filter = parse_tap_filter(query);
  REQUIRE_MESSAGE(filter.has_value(), std::string(query));
  return *filter;
}

bool wants(const TapFilter& filter, EventType type) {
  return filter.types.at(static_cast<std::size_t>(type));
}

}  // namespace

TEST_CASE("without a word everything is shown") {
  const TapFilter filter = parsed("");
  CHECK(filter.format == TapFilter::Format::text);
  CHECK((filter.sessions.empty() && !filter.next));
  CHECK((filter.packets && wants(filter, EventType::xid) && filter.wants_schema("any")));
}

TEST_CASE("a query chooses") {
  const TapFilter filter =
      parsed("format=json&session=17&session=4&schema=a%26b&schema=&dropped=1&rows=true&next=0");
  CHECK(filter.format == TapFilter::Format::json);
  CHECK(filter.sessions == std::vector<std::uint32_t>{17, 4});
  CHECK(filter.schemas == std::vector<std::string>{"a&b", ""});
  CHECK((filter.only_dropped && filter.rows && !filter.next));
  CHECK_FALSE(filter.packets);
  CHECK((filter.wants_schema("a&b") && !filter.wants_schema("a")));
  CHECK(percent_encoded("a&b ü/") == "a%26b%20%C3%BC%2F");
}

TEST_CASE("types are chosen by how their names begin") {
  const TapFilter rows = parsed("type=write_rows&type=Xid");
  CHECK((wants(rows, EventType::write_rows_v1) && wants(rows, EventType::write_rows_v2)));
  CHECK((wants(rows, EventType::xid) && !wants(rows, EventType::query) && !rows.packets));
  const TapFilter gtid = parsed("type=GTID");
  CHECK((wants(gtid, EventType::mariadb_gtid) && wants(gtid, EventType::gtid_tagged)));
  CHECK_FALSE(wants(gtid, EventType::anonymous_gtid));
  const TapFilter whole_name = parsed("type=gtid%20(MariaDB)");
  CHECK((wants(whole_name, EventType::mariadb_gtid) && !wants(whole_name, EventType::gtid)));
  const TapFilter packets = parsed("type=packet");
  CHECK((packets.packets && !wants(packets, EventType::xid)));
}

TEST_CASE("what is no query is refused with a sentence") {
  for (const char* query :
       {"x=1", "=", "session=", "session=-1", "session=4294967296", "session=1x",
        "type=", "type=NO", "format=", "format=xml", "rows=2", "schema=%", "schema=%4",
        "schema=%gg", "session=1&next=1", "format=pcapng&type=XID", "format=pcapng&rows=1",
        "format=pcapng&schema=a", "format=pcapng&dropped=1"}) {
    CAPTURE(query);
    const auto filter = parse_tap_filter(query);
    REQUIRE(filter.has_error());
    CHECK_FALSE(filter.error().empty());
  }
  std::string many;
  for (int i = 0; i < 101; ++i) many += "schema=a&";
  CHECK(parse_tap_filter(many).has_error());
}

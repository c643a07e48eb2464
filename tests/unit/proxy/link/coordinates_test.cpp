#include "proxy/link/coordinates.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace sluice::proxy::link;

TEST_CASE("link: a position that is given") {
  const auto found = parse_position("mysql-bin.000042:1234");
  REQUIRE(found.has_value());
  CHECK(found->file == "mysql-bin.000042");
  CHECK(found->position == 1234);
  CHECK((*parse_position("a:b:4")).file == "a:b");
  CHECK(parse_position("f:18446744073709551615").has_value());
  for (const char* text : {"", "f", ":4", "f:", "f:3", "f:-4", "f:4x", "f:18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_position(text).has_value());
  }
}

TEST_CASE("link: what may be a GTID set") {
  const std::string uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  for (const auto& text :
       {uuid + ":1", uuid + ":1-5:7-9", uuid + ":1," + uuid + ":2", uuid + ":1-5:tag_1:7"}) {
    CAPTURE(text);
    CHECK(is_gtid_set(text, false));
    CHECK_FALSE(is_gtid_set(text, true));
  }
  for (const auto& text : std::vector<std::string>{uuid, uuid + ":", uuid + ":tag", uuid + ":1-",
                                                   uuid + ":1';", ":1", uuid.substr(1) + ":1",
                                                   uuid + ":1,", uuid + ":1,\n" + uuid + ":2"}) {
    CAPTURE(text);
    CHECK_FALSE(is_gtid_set(text, false));
  }
  CHECK(without_blanks(uuid + ":1-5:7,\r\n\t" + uuid + ": 2 ") == uuid + ":1-5:7," + uuid + ":2");
  CHECK(without_blanks(" \n").empty());
  CHECK(is_gtid_set("0-1-7", true));
  CHECK(is_gtid_set("0-1-7,1-2-9", true));
  for (const char* text : {"", "0-1", "0-1-", "-1-7", "0--7", "0-1-7,", "0-1-7'", "a-1-7"}) {
    CAPTURE(text);
    CHECK_FALSE(is_gtid_set(text, true));
  }
}

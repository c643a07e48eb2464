#include "protocol/wire/semi_sync.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

TEST_CASE("semi-sync: recorded acknowledgements, both ways") {
  const auto acks = test::recorded("semi_sync_ack");
  REQUIRE(acks.size() == 3);
  for (const auto& packet : acks) {
    const auto ack = parse_semi_sync_ack(packet.payload());
    REQUIRE(ack);
    CHECK(ack->file == "binlog.000001");
    CHECK(ack->position > 4);
    CHECK(test::same(test::serialized(*ack), packet.payload()));
    test::for_each_truncation(packet.payload().first(10),
                              [](Bytes part) { CHECK_FALSE(parse_semi_sync_ack(part)); });
  }
}

TEST_CASE("semi-sync: a wrong magic byte, a name that is too long") {
  CHECK_FALSE(parse_semi_sync_ack(test::hex("ee 0400000000000000 61")));
  SemiSyncAck ack{4, std::string(512, 'x')};
  CHECK(parse_semi_sync_ack(test::serialized(ack)));
  ack.file += 'x';
  CHECK_FALSE(parse_semi_sync_ack(test::serialized(ack)));
}

#include "protocol/wire/response.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

namespace {

constexpr Capabilities plain{Capability::protocol_41};
constexpr Capabilities tracking{Capability::protocol_41, Capability::session_track};

Buffer written(const OkPacket& ok, Capabilities capabilities, std::uint8_t header = ok_header) {
  Buffer out;
  serialize(ok, capabilities, out, header);
  return out;
}

}  // namespace

TEST_CASE("ok: recorded ones, both ways") {
  for (const auto& packet : test::recorded("ok")) {
    CAPTURE(packet.source);
    const auto ok = parse_ok(packet.payload(), plain);
    REQUIRE(ok);
    CHECK(ok->status == status_autocommit);
    CHECK(test::same(written(*ok, plain), packet.payload()));
  }
}

TEST_CASE("ok: with and without session tracking") {
  OkPacket ok{300, 70000, status_autocommit, 3, "info", {}};
  CHECK(written(ok, plain) == test::hex("00 fc2c01 fd701101 0200 0300 696e666f"));
  CHECK(written(ok, tracking) == test::hex("00 fc2c01 fd701101 0200 0300 04 696e666f"));
  CHECK(*parse_ok(written(ok, plain), plain) == ok);
  CHECK(*parse_ok(written(ok, tracking), tracking) == ok);

  ok.info.clear();
  CHECK(written(ok, tracking).size() == written(ok, plain).size());
  CHECK(*parse_ok(written(ok, tracking), tracking) == ok);

  ok.status |= status_session_state_changed;
  ok.state_changes = "changes";
  const auto bytes = written(ok, tracking);
  CHECK(*parse_ok(bytes, tracking) == ok);
  const std::size_t without_info = 1 + 3 + 4 + 4;
  test::for_each_truncation(bytes, [&](Bytes part) {
    // Exactly behind the fixed fields it looks like an OK whose two texts are left out.
    CHECK(parse_ok(part, tracking).has_value() == (part.size() == without_info));
  });
}

TEST_CASE("ok: the one that ends a result set") {
  const OkPacket ok;
  CHECK(written(ok, plain, eof_header) == test::hex("fe 00 00 0200 0000"));
  CHECK(parse_ok(test::hex("fe 00 00 0200 0000"), plain, eof_header));
  CHECK_FALSE(parse_ok(test::hex("fe 00 00 0200 0000"), plain));
}

TEST_CASE("ok: truncations") {
  test::for_each_truncation(test::hex("00 fc2c01 fd701101 0200 0300"),
                            [](Bytes part) { CHECK_FALSE(parse_ok(part, plain)); });
}

TEST_CASE("err: recorded ones, both ways") {
  const auto errors = test::recorded("err");
  REQUIRE(errors.size() == 10);
  for (const auto& packet : errors) {
    CAPTURE(packet.source);
    const auto err = parse_err(packet.payload());
    REQUIRE(err);
    CHECK((err->code == 1236 || err->code == 1045));
    CHECK(err->sqlstate == (err->code == 1236 ? "HY000" : "28000"));
    CHECK(test::same(test::serialized(*err), packet.payload()));
    test::for_each_truncation(packet.payload().first(9), [](Bytes part) {
      CHECK(parse_err(part).has_value() == (part.size() == 3));
    });
  }
}

TEST_CASE("err: without a sqlstate") {
  const ErrPacket err{1040, "", "Too many connections"};
  const auto bytes = test::serialized(err);
  CHECK(bytes[3] == 'T');
  CHECK(*parse_err(bytes) == err);
}

TEST_CASE("err: of a long message there is as much as servers have room for") {
  const ErrPacket err{1045, "28000", std::string(max_error_message + 1, 'x')};
  CHECK(parse_err(test::serialized(err))->message == std::string(max_error_message, 'x'));
}

TEST_CASE("eof: recorded, both ways, and what is longer") {
  for (const auto& packet : test::recorded("eof")) {
    const auto eof = parse_eof(packet.payload());
    REQUIRE(eof);
    CHECK(test::same(test::serialized(*eof), packet.payload()));
    test::for_each_truncation(packet.payload(), [](Bytes part) { CHECK_FALSE(parse_eof(part)); });
  }
  CHECK_FALSE(parse_eof(test::hex("fe 0000000000000000")));
}

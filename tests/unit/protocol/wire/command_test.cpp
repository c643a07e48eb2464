#include "protocol/wire/command.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

namespace {

constexpr Capabilities plain{Capability::protocol_41};
constexpr Capabilities with_attributes{Capability::protocol_41, Capability::query_attributes};

}  // namespace

TEST_CASE("command: names") {
  CHECK(command_name(0x03) == "COM_QUERY");
  CHECK(command_name(0x12) == "COM_BINLOG_DUMP");
  CHECK(command_name(0x15) == "COM_REGISTER_SLAVE");
  CHECK(command_name(0x16) == "COM_STMT_PREPARE");
  CHECK(command_name(0x1E) == "COM_BINLOG_DUMP_GTID");
  CHECK(command_name(0x20) == "COM_CLONE");
  CHECK(command_name(0xEF) == "unknown command");
}

TEST_CASE("command: queries with and without attributes") {
  const auto bare = test::hex("03 53454c454354");
  const auto attributed = test::hex("03 00 01 53454c454354");
  CHECK(parse_query(bare, plain) == "SELECT");
  CHECK(parse_query(attributed, with_attributes) == "SELECT");
  CHECK_FALSE(parse_query(test::hex("03 01 01 00"), with_attributes));
  CHECK_FALSE(parse_query(test::hex("03 00"), with_attributes));
  CHECK_FALSE(parse_query(test::hex("0e"), plain));
  CHECK_FALSE(parse_query({}, plain));
  CHECK(parse_query(test::hex("03"), plain) == "");

  Buffer out;
  serialize_query("SELECT", plain, out);
  CHECK(out == bare);
  out.clear();
  serialize_query("SELECT", with_attributes, out);
  CHECK(out == attributed);
  out.clear();
  serialize_command(Command::quit, out);
  CHECK(out == test::hex("01"));
}

TEST_CASE("command: recorded registrations, both ways") {
  const auto commands = test::recorded("register_slave");
  REQUIRE(commands.size() == 4);
  for (const auto& packet : commands) {
    CAPTURE(packet.source);
    const auto command = parse_register_slave(packet.payload());
    REQUIRE(command);
    CHECK(command->server_id == command->port);
    CHECK(test::same(test::serialized(*command), packet.payload()));
    test::for_each_truncation(packet.payload(),
                              [](Bytes part) { CHECK_FALSE(parse_register_slave(part)); });
  }
}

TEST_CASE("command: a registration's user and password are not passed on") {
  const auto command =
      parse_register_slave(test::hex("15 11000000 0168 0275 75 0370 7070 ea0c 00000000 00000000"));
  REQUIRE(command);
  CHECK(command->host == "h");
  CHECK(command->port == 3306);
  CHECK(test::serialized(*command) == test::hex("15 11000000 0168 00 00 ea0c 00000000 00000000"));
}

TEST_CASE("command: recorded dumps, both ways") {
  const auto commands = test::recorded("binlog_dump");
  REQUIRE(commands.size() == 8);
  for (const auto& packet : commands) {
    CAPTURE(packet.source);
    const auto command = parse_binlog_dump(packet.payload());
    REQUIRE(command);
    CHECK(command->file.find(".0000") != std::string::npos);
    CHECK(test::same(test::serialized(*command), packet.payload()));
    test::for_each_truncation(packet.payload().first(11),
                              [](Bytes part) { CHECK_FALSE(parse_binlog_dump(part)); });
  }
}

TEST_CASE("command: recorded dumps by GTID") {
  const auto commands = test::recorded("binlog_dump_gtid");
  REQUIRE(commands.size() == 7);
  for (const auto& packet : commands) {
    CAPTURE(packet.source);
    const auto command = parse_binlog_dump_gtid(packet.payload());
    REQUIRE(command);
    CHECK(command->position == 4);
    CHECK(command->file.find('\0') == std::string::npos);
    const bool nul_filled = packet.source == "mysql-5.6-gtid 2";
    CHECK(test::same(test::serialized(*command), packet.payload()) == !nul_filled);
    test::for_each_truncation(packet.payload(),
                              [](Bytes part) { CHECK_FALSE(parse_binlog_dump_gtid(part)); });
  }
}

TEST_CASE("command: a dump by GTID with lying lengths") {
  CHECK_FALSE(
      parse_binlog_dump_gtid(test::hex("1e 0000 01000000 ffffffff 0400000000000000 00000000")));
  CHECK_FALSE(
      parse_binlog_dump_gtid(test::hex("1e 0000 01000000 00000000 0400000000000000 00000000 00")));
}

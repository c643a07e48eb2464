#include "protocol/wire/server_error.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

TEST_CASE("server error: the words of a real server") {
  struct Case {
    ErrPacket error;
    std::uint16_t code;
    const char* sqlstate;
    const char* message;
  };
  const Case cases[] = {
      {errors::too_many_connections(), 1040, "08004", "Too many connections"},
      {errors::bad_handshake(), 1043, "08S01", "Bad handshake"},
      {errors::access_denied("repl", "10.0.0.1", true), 1045, "28000",
       "Access denied for user 'repl'@'10.0.0.1' (using password: YES)"},
      {errors::access_denied("repl", "localhost", false), 1045, "28000",
       "Access denied for user 'repl'@'localhost' (using password: NO)"},
      {errors::unknown_command(), 1047, "08S01", "Unknown command"},
      {errors::unknown_thread(9), 1094, "HY000", "Unknown thread id: 9"},
      {errors::not_owner_of_thread(9), 1095, "HY000", "You are not owner of thread 9"},
      {errors::host_not_allowed("10.0.0.1", false), 1130, "HY000",
       "Host '10.0.0.1' is not allowed to connect to this MySQL server"},
      {errors::host_not_allowed("10.0.0.1", true), 1130, "HY000",
       "Host '10.0.0.1' is not allowed to connect to this MariaDB server"},
      {errors::packets_out_of_order(), 1156, "08S01", "Got packets out of order"},
      {errors::statement_refused(), 1227, "42000",
       "Access denied; this is Sluice, which answers what replicas ask and nothing else"},
      {errors::fatal_binlog_error("why"), 1236, "HY000", "why"},
      {errors::master_unreachable("refused"), 2003, "HY000",
       "Can't connect to MySQL server: refused"},
      {errors::secure_transport_required(false), 3159, "HY000",
       "Connections using insecure transport are prohibited while --require_secure_transport=ON."},
      {errors::secure_transport_required(true), 3159, "08004",
       "Connections using insecure transport are prohibited while --require_secure_transport=ON."},
  };
  for (const auto& [error, code, sqlstate, message] : cases) {
    CHECK(error.code == code);
    CHECK(error.sqlstate == sqlstate);
    CHECK(error.message == message);
  }
}

TEST_CASE("server error: 1045 as recorded") {
  for (const auto& packet : test::recorded("err")) {
    const auto recorded = parse_err(packet.payload());
    if (recorded->code == 1045) {
      CHECK(*recorded == errors::access_denied("repl", "localhost", true));
    }
  }
}

TEST_CASE("server error: in place of a greeting there is no sqlstate") {
  const auto error = without_sqlstate(errors::too_many_connections());
  CHECK(test::serialized(error) == test::hex("ff1004 546f6f206d616e7920636f6e6e656374696f6e73"));
}

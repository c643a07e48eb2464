#include "proxy/metrics/dump_refusal.hpp"

#include <doctest/doctest.h>

using sluice::proxy::DumpRefusal;
using sluice::proxy::refusal_of;
using sluice::wire::ErrPacket;

TEST_CASE("why a master has ended a dump, by what servers say") {
  const auto of = [](std::uint16_t code, const char* message, bool came_back = false) {
    return to_string(refusal_of(ErrPacket{code, "HY000", message}, came_back));
  };
  CHECK(of(1236, "Could not find first log file name in binary log index file") == "fatal");
  CHECK(of(1236, "Could not find first log file name in binary log index file", true) == "fatal");
  CHECK(of(1236, "Replica has more GTIDs than the source has, using the source's SERVER_UUID") ==
        "fatal");
  CHECK(of(1041, "Out of memory.") == "fatal");
  for (const char* const message :
       {"A replica with the same server_uuid/server_id as this replica has connected to the "
        "source; the first event 'binlog.000001' at 158, ...",
        "A slave with the same server_uuid/server_id as this slave has connected to the master; "
        "the first event 'binlog.000001' at 4, ...",
        "A slave with the same server_uuid as this slave has connected to the master; ..."}) {
    CHECK(of(1236, message) == "same_id");
    CHECK(of(1236, message, true) == "came_back");
  }
  CHECK(of(4052, "Ein Slave mit der gleichen Nummer ist schon da") == "same_id");
  CHECK(of(4052, "Ein Slave mit der gleichen Nummer ist schon da", true) == "came_back");
  CHECK(of(1227, "Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s)") ==
        "other");
  CHECK(of(1053, "Server shutdown in progress") == "other");
}

// HEARTBEAT: the dump thread lives, and what it has sent ends here. In dumps by GTID it also tells
// of transactions that it leaves out (sql/rpl_binlog_sender.cc,
// Binlog_sender::send_heartbeat_event; MariaDB sql/sql_repl.cc, send_heartbeat_event).
#pragma once

#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

struct Heartbeat {
  std::string_view file;
  std::uint64_t position = 0;
  bool modulo_4_gib = false;  ///< only the low 32 bits of the position are known
};

/// Version 1 (HEARTBEAT) has the file as its body and the position in its header; MariaDB writes
/// one that does not fit there before the file. Version 2 (HEARTBEAT_V2, MySQL 8.0.26) is a list of
/// type, length and value. `body` is the event without header and checksum; the result points into
/// it. Fails without a file.
[[nodiscard]] std::optional<Heartbeat> parse_heartbeat(const EventHeader& header, Bytes body);

/// The whole event as the dump thread of the server `server_id` makes it up. `type` is the version.
/// false: the position does not fit into the header, and version 1 has no other place for it.
[[nodiscard]] bool serialize(const Heartbeat& heartbeat, EventType type, std::uint32_t server_id,
                             Checksum checksum, Buffer& out);

}  // namespace sluice::binlog

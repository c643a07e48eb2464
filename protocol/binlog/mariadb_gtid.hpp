// MariaDB's GTID event: starts every group, and acts as BEGIN unless the group is one event
// (MariaDB sql/log_event.cc, Gtid_log_event).
#pragma once

#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

namespace mariadb_gtid_flag {
constexpr std::uint8_t standalone = 1;
}

struct MariadbGtid {
  std::uint64_t sequence = 0;
  std::uint32_t domain = 0;
  std::uint8_t flags = 0;
  [[nodiscard]] bool standalone() const { return (flags & mariadb_gtid_flag::standalone) != 0; }
};

/// `body` starts behind the event header.
[[nodiscard]] inline std::optional<MariadbGtid> parse_mariadb_gtid(Bytes body) {
  Cursor cursor(body);
  MariadbGtid gtid;
  gtid.sequence = cursor.u64();
  gtid.domain = cursor.u32();
  gtid.flags = cursor.u8();
  if (!cursor.ok()) return std::nullopt;
  return gtid;
}

}  // namespace sluice::binlog

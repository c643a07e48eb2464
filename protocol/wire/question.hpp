// What a replica may ask: a tiny grammar and an allow-list instead of a comparison of texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::wire {

/// What a SET is about. The old name and the new one of a variable are one concept.
enum class Setting : std::uint8_t {
  heartbeat_period,        // @master_heartbeat_period, @source_heartbeat_period: nanoseconds
  binlog_checksum,         // @master_binlog_checksum, @source_binlog_checksum
  replica_uuid,            // @slave_uuid, @replica_uuid
  semi_sync_replica,       // @rpl_semi_sync_slave, @rpl_semi_sync_replica
  mariadb_capability,      // @mariadb_slave_capability
  connect_state,           // @slave_connect_state: MariaDB's GTID position
  gtid_strict_mode,        // @slave_gtid_strict_mode
  gtid_ignore_duplicates,  // @slave_gtid_ignore_duplicates
  until_gtid,              // @slave_until_gtid
  until_before_gtids,      // @slave_gtid_until_before_gtids
  ignored_domains,         // @slave_connect_state_domain_ids_ignore
  wanted_domains,          // @slave_connect_state_domain_ids_do
  skip_replication,        // skip_replication
  net_write_timeout,       // net_write_timeout
  net_read_timeout,        // net_read_timeout
  autocommit,              // autocommit
  names,                   // SET NAMES
};
[[nodiscard]] std::string_view setting_name(Setting setting);

struct Assignment {
  Setting setting;
  std::string value;  // without quotes; "@@global.binlog_checksum" for that reference
  friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// May be forwarded to the master as it is. `assignments`: what a SET sets, in its order, for the
/// log; empty for SELECT and SHOW.
struct ForwardQuestion {
  std::vector<Assignment> assignments;
};
/// KILL of a connection, by the thread id that Sluice's greeting gave it.
struct KillQuestion {
  std::uint64_t thread_id;
};
/// Is answered with 1227. `reason` is for the log; it quotes nothing of the text.
struct RefusedQuestion {
  std::string_view reason;
};

using Question = std::variant<ForwardQuestion, KillQuestion, RefusedQuestion>;

/// Judges one statement. A statement that is not understood to its end is refused.
[[nodiscard]] Question parse_question(std::string_view text);

}  // namespace sluice::wire

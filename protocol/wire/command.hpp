// The commands of a replica, and the names of all others (include/my_command.h; sql/rpl_source.cc:
// register_replica, com_binlog_dump, com_binlog_dump_gtid).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"

namespace sluice::wire {

enum class Command : std::uint8_t {
  quit = 0x01,
  query = 0x03,
  ping = 0x0E,
  binlog_dump = 0x12,
  register_slave = 0x15,
  binlog_dump_gtid = 0x1E,
};

/// "COM_QUERY" and so on for every byte that is a command in some version; "unknown command" else.
[[nodiscard]] std::string_view command_name(std::uint8_t code);

/// Flags of both dump commands.
inline constexpr std::uint16_t dump_non_block = 0x0001;      // EOF at the end instead of waiting
inline constexpr std::uint16_t dump_heartbeat_v2 = 0x0002;   // MySQL 8.0.26+
inline constexpr std::uint16_t dump_annotate_rows = 0x0002;  // MariaDB: the same bit

/// The text of a COM_QUERY; a view into `payload`. With QUERY_ATTRIBUTES in force the attributes
/// are skipped; nullopt if they are malformed or carry values: replicas send none.
[[nodiscard]] std::optional<std::string_view> parse_query(Bytes payload, Capabilities capabilities);
void serialize_query(std::string_view text, Capabilities capabilities, Buffer& out);

/// A command without arguments: COM_QUIT, COM_PING.
void serialize_command(Command command, Buffer& out);

/// COM_REGISTER_SLAVE. report_user and report_password are read over and not kept: they would show
/// up in SHOW REPLICAS on the master.
struct RegisterSlave {
  std::uint32_t server_id = 0;
  std::string host;
  std::uint16_t port = 0;
  std::uint32_t rank = 0;
  std::uint32_t master_id = 0;
  friend bool operator==(const RegisterSlave&, const RegisterSlave&) = default;
};
[[nodiscard]] std::optional<RegisterSlave> parse_register_slave(Bytes payload);
void serialize(const RegisterSlave& command, Buffer& out);

struct BinlogDump {
  std::uint32_t position = 4;
  std::uint16_t flags = 0;
  std::uint32_t server_id = 0;
  std::string file;
  friend bool operator==(const BinlogDump&, const BinlogDump&) = default;
};
[[nodiscard]] std::optional<BinlogDump> parse_binlog_dump(Bytes payload);
void serialize(const BinlogDump& command, Buffer& out);

struct BinlogDumpGtid {
  std::uint16_t flags = 0;
  std::uint32_t server_id = 0;
  std::string file;  // up to the first NUL: 5.6 fills the name with NULs on a reconnect
  std::uint64_t position = 4;
  Buffer gtid_set;  // encoded; protocol/binlog/gtid_set.hpp reads it
  friend bool operator==(const BinlogDumpGtid&, const BinlogDumpGtid&) = default;
};
[[nodiscard]] std::optional<BinlogDumpGtid> parse_binlog_dump_gtid(Bytes payload);
void serialize(const BinlogDumpGtid& command, Buffer& out);

}  // namespace sluice::wire

// The errors Sluice answers with, in the numbers, sqlstates and words of a real server
// (share/messages_to_clients.txt of MySQL 9.7, sql/share/errmsg-utf8.txt of MariaDB 11.8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/wire/response.hpp"

namespace sluice::wire {

/// The numbers, for comparisons. Names are those of the servers, without ER_.
enum class ErrorCode : std::uint16_t {
  con_count_error = 1040,
  out_of_resources = 1041,
  handshake_error = 1043,
  access_denied_error = 1045,
  unknown_com_error = 1047,
  no_such_thread = 1094,
  kill_denied_error = 1095,
  unknown_error = 1105,
  host_not_privileged = 1130,
  net_packets_out_of_order = 1156,
  specific_access_denied_error = 1227,
  master_fatal_error_reading_binlog = 1236,
  not_supported_auth_mode = 1251,
  must_change_password_login = 1862,
  conn_host_error = 2003,  // of clients (CR_)
  account_has_been_locked = 3118,
  secure_transport_required = 3159,
  slave_same_id = 4052,                    // MariaDB
  mariadb_account_has_been_locked = 4151,  // the same of MariaDB
};

[[nodiscard]] constexpr std::uint16_t code_of(ErrorCode code) {
  return static_cast<std::uint16_t>(code);
}

/// The form for an error in place of a greeting: the client has not shown PROTOCOL_41 yet and would
/// take the sqlstate for text.
[[nodiscard]] ErrPacket without_sqlstate(ErrPacket error);

namespace errors {

ErrPacket too_many_connections();
ErrPacket bad_handshake();
ErrPacket access_denied(std::string_view user, std::string_view host, bool using_password);
ErrPacket unknown_command();
ErrPacket unknown_thread(std::uint64_t thread_id);
ErrPacket not_owner_of_thread(std::uint64_t thread_id);
ErrPacket host_not_allowed(std::string_view host, bool mariadb);
ErrPacket packets_out_of_order();
/// 1227, to whoever asks more than replicas do. A real server would name a privilege; so many a
/// person would go and grant it. Replicas look at the number.
ErrPacket statement_refused();
/// 1236: the replica stops for good and shows `reason`.
ErrPacket fatal_binlog_error(std::string_view reason);
/// 1251: the client has no authentication that Sluice speaks.
ErrPacket client_too_old();
/// 2003, as MySQL Router has it: "Can't connect to MySQL server: ...". One of the few that a
/// replica takes for the network's (is_network_error() in sql/slave.cc and sql/rpl_replica.cc)
/// wherever it comes: also in answer to the question within which its client library has connected
/// anew. It tries again.
ErrPacket master_unreachable(std::string_view reason);
/// 3159, whose sqlstate differs.
ErrPacket secure_transport_required(bool mariadb);
/// 1105, for what has no number of its own.
ErrPacket unknown_error(std::string_view reason);

}  // namespace errors

}  // namespace sluice::wire

#include "protocol/wire/server_error.hpp"

#include <initializer_list>

namespace sluice::wire {

namespace {

constexpr std::string_view general_error = "HY000";
constexpr std::string_view access_violation = "42000";
constexpr std::string_view communication_failure = "08S01";
constexpr std::string_view connection_rejected = "08004";
constexpr std::string_view invalid_authorization = "28000";

ErrPacket make(ErrorCode code, std::string_view sqlstate,
               std::initializer_list<std::string_view> pieces) {
  ErrPacket error{code_of(code), std::string(sqlstate), {}};
  for (const auto piece : pieces) error.message += piece;
  return error;
}

}  // namespace

ErrPacket without_sqlstate(ErrPacket error) {
  error.sqlstate.clear();
  return error;
}

namespace errors {

ErrPacket too_many_connections() {
  return make(ErrorCode::con_count_error, connection_rejected, {"Too many connections"});
}

ErrPacket bad_handshake() {
  return make(ErrorCode::handshake_error, communication_failure, {"Bad handshake"});
}

ErrPacket access_denied(std::string_view user, std::string_view host, bool using_password) {
  return make(ErrorCode::access_denied_error, invalid_authorization,
              {"Access denied for user '", user, "'@'", host,
               "' (using password: ", using_password ? "YES)" : "NO)"});
}

ErrPacket unknown_command() {
  return make(ErrorCode::unknown_com_error, communication_failure, {"Unknown command"});
}

ErrPacket unknown_thread(std::uint64_t thread_id) {
  return make(ErrorCode::no_such_thread, general_error,
              {"Unknown thread id: ", std::to_string(thread_id)});
}

ErrPacket not_owner_of_thread(std::uint64_t thread_id) {
  return make(ErrorCode::kill_denied_error, general_error,
              {"You are not owner of thread ", std::to_string(thread_id)});
}

ErrPacket host_not_allowed(std::string_view host, bool mariadb) {
  return make(ErrorCode::host_not_privileged, general_error,
              {"Host '", host, "' is not allowed to connect to this ",
               mariadb ? "MariaDB server" : "MySQL server"});
}

ErrPacket packets_out_of_order() {
  return make(ErrorCode::net_packets_out_of_order, communication_failure,
              {"Got packets out of order"});
}

ErrPacket statement_refused() {
  return make(ErrorCode::specific_access_denied_error, access_violation,
              {"Access denied; this is Sluice, which answers what replicas ask and nothing else"});
}

ErrPacket fatal_binlog_error(std::string_view reason) {
  return make(ErrorCode::master_fatal_error_reading_binlog, general_error, {reason});
}

ErrPacket client_too_old() {
  return make(ErrorCode::not_supported_auth_mode, connection_rejected,
              {"Client does not support authentication protocol requested by server; consider "
               "upgrading MySQL client"});
}

ErrPacket master_unreachable(std::string_view reason) {
  return make(ErrorCode::conn_host_error, general_error,
              {"Can't connect to MySQL server: ", reason});
}

ErrPacket secure_transport_required(bool mariadb) {
  return make(ErrorCode::secure_transport_required, mariadb ? connection_rejected : general_error,
              {"Connections using insecure transport are prohibited while "
               "--require_secure_transport=ON."});
}

ErrPacket unknown_error(std::string_view reason) {
  return make(ErrorCode::unknown_error, general_error, {reason});
}

}  // namespace errors

}  // namespace sluice::wire

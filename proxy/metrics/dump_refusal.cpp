#include "proxy/metrics/dump_refusal.hpp"

#include "protocol/wire/server_error.hpp"

namespace sluice::proxy {
namespace {

/// MariaDB has a number for it. MySQL has the one of all that ends a dump, and words that are not
/// translated and differ in what follows on these (sql/rpl_binlog_sender.cc).
bool is_of_same_id(const wire::ErrPacket& error) {
  return error.code == code_of(wire::ErrorCode::slave_same_id) ||
         error.message.find("with the same server_uuid") != std::string::npos;
}

}  // namespace

std::string_view to_string(DumpRefusal refusal) {
  switch (refusal) {
    case DumpRefusal::fatal:
      return "fatal";
    case DumpRefusal::same_id:
      return "same_id";
    case DumpRefusal::came_back:
      return "came_back";
    case DumpRefusal::other:
      return "other";
  }
  return {};
}

DumpRefusal refusal_of(const wire::ErrPacket& error, bool came_back) {
  if (is_of_same_id(error)) return came_back ? DumpRefusal::came_back : DumpRefusal::same_id;
  // These two make servers stop (handle_slave_io() in sql/rpl_replica.cc and sql/slave.cc).
  const bool fatal = error.code == code_of(wire::ErrorCode::master_fatal_error_reading_binlog) ||
                     error.code == code_of(wire::ErrorCode::out_of_resources);
  return fatal ? DumpRefusal::fatal : DumpRefusal::other;
}

}  // namespace sluice::proxy

#include "proxy/tap/packet_text.hpp"

#include "protocol/binlog/gtid_set.hpp"
#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/semi_sync.hpp"
#include "proxy/base/list_text.hpp"

namespace sluice::proxy::tap {
namespace {

std::string place(std::string_view file, std::uint64_t position) {
  return std::string(file) + ":" + std::to_string(position);
}

PacketWords describe_login(Bytes payload) {
  PacketWords words{"login request", {}};
  const auto request = wire::parse_login_request(payload, wire::minimal_dialect);
  if (!request) return words;
  words.detail = "user " + request->user;
  if (!request->auth_plugin.empty()) words.detail += ", " + request->auth_plugin;
  for (const std::string_view name : {"_client_name", "_client_version", "program_name"}) {
    const auto value = wire::find_attribute(request->attributes, name);
    if (!value.empty()) words.detail += ", " + std::string(value);
  }
  return words;
}

PacketWords describe_authentication(Bytes payload, Direction direction) {
  if (direction == Direction::up) return {"authentication response", {}};
  if (const auto change = wire::parse_auth_switch_request(payload)) {
    return {"authentication switch", change->plugin};
  }
  const auto more = wire::parse_auth_more_data(payload);
  if (!more || more->empty()) return {"authentication data", {}};
  return {"authentication data", more->front() == '\3' ? "the fast way" : "the password is needed"};
}

PacketWords describe_command(Bytes payload) {
  if (payload.empty()) return {"empty command", {}};
  PacketWords words{std::string(wire::command_name(payload.front())), {}};
  if (const auto text = wire::parse_query(payload, wire::minimal_dialect)) {
    words.detail = *text;
  } else if (const auto registration = wire::parse_register_slave(payload)) {
    words.detail = "server id " + std::to_string(registration->server_id);
    if (!registration->host.empty()) words.detail += ", host " + registration->host;
    words.detail += ", port " + std::to_string(registration->port);
  } else if (const auto dump = wire::parse_binlog_dump(payload)) {
    words.detail = place(dump->file, dump->position);
  } else if (const auto by_gtid = wire::parse_binlog_dump_gtid(payload)) {
    const auto set = binlog::parse_gtid_set(by_gtid->gtid_set);
    words.detail = set ? binlog::to_text(*set, shown_gtids) : "?";
  }
  return words;
}

PacketWords describe_answer(Bytes payload) {
  if (payload.empty()) return {"empty answer", {}};
  if (const auto error = wire::parse_err(payload)) {
    return {"ERR",
            std::to_string(error->code) + (error->message.empty() ? "" : " " + error->message)};
  }
  if (payload.front() == wire::ok_header) return {"OK", {}};
  if (payload.front() == wire::eof_header) return {"EOF", {}};
  return {"result set",
          std::to_string(payload.front()) + (payload.front() == 1 ? " column" : " columns")};
}

}  // namespace

PacketWords describe(const PacketEntry& packet) {
  if (packet.bytes.size() < wire::packet_header_size) return {"packet", {}};
  const Bytes payload = Bytes(packet.bytes).subspan(wire::packet_header_size);
  switch (packet.kind) {
    case PacketKind::greeting: {
      const auto greeting = wire::parse_greeting(payload);
      return {"greeting", greeting ? greeting->server_version : ""};
    }
    case PacketKind::tls_request:
      return {"TLS", {}};
    case PacketKind::login_request:
      return describe_login(payload);
    case PacketKind::authentication:
      return describe_authentication(payload, packet.direction);
    case PacketKind::command:
      return describe_command(payload);
    case PacketKind::acknowledgement: {
      const auto ack = wire::parse_semi_sync_ack(payload);
      return {"acknowledgement", ack ? place(ack->file, ack->position) : ""};
    }
    case PacketKind::answer:
    case PacketKind::event:
      return describe_answer(payload);
  }
  return {"packet", {}};
}

}  // namespace sluice::proxy::tap

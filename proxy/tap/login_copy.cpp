#include "proxy/tap/login_copy.hpp"

#include <algorithm>
#include <string>

#include "protocol/binlog/event_header.hpp"
#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "protocol/wire/question.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/semi_sync.hpp"

namespace sluice::proxy::tap {
namespace {

using wire::Capability;

/// In the place of a secret. No NUL, at which readers would stop.
std::string blanked(std::size_t size) {
  return std::string(size, 'x');
}

/// Of a password not even the length.
constexpr std::size_t blanked_response = 20;

wire::Capabilities undone(wire::Capabilities capabilities) {
  for (const Capability gone : {Capability::ssl, Capability::compress, Capability::zstd}) {
    capabilities.set(gone, false);
  }
  return capabilities;
}

}  // namespace

LoginCopy::Shown LoginCopy::from_server(Bytes payload) {
  Shown shown;
  if (wire::is_err(payload)) {
    shown.kind = PacketKind::answer;
    shown.payload.assign(payload.begin(), payload.end());
    return shown;
  }
  if (!greeted_) return greeting(payload);
  if (const auto change = wire::parse_auth_switch_request(payload)) {
    wire::serialize(wire::AuthSwitchRequest{change->plugin, blanked(wire::nonce_size) + '\0'},
                    shown.payload);
  } else if (const auto more = wire::parse_auth_more_data(payload)) {
    // One byte is what comes next; anything longer may be a plugin's secret.
    wire::serialize_auth_more_data(more->size() == 1 ? *more : "", shown.payload);
  } else if (const auto ok = wire::parse_ok(payload, offered_)) {
    shown.kind = PacketKind::answer;
    wire::serialize(*ok, wire::minimal_dialect, shown.payload);
  }
  return shown;
}

LoginCopy::Shown LoginCopy::greeting(Bytes payload) {
  Shown shown{PacketKind::greeting, {}};
  auto greeting = wire::parse_greeting(payload);
  greeted_ = true;
  if (!greeting) return shown;
  offered_ = greeting->capabilities;
  greeting->nonce = blanked(wire::nonce_size);
  greeting->capabilities = undone(greeting->capabilities);
  wire::serialize(*greeting, shown.payload);
  return shown;
}

LoginCopy::Shown LoginCopy::from_replica(Bytes payload) {
  Shown shown;
  if (asked_) {
    shown.payload.assign(blanked_response, 'x');
    return shown;
  }
  if (const auto tls = wire::parse_ssl_request(payload)) {
    shown.kind = PacketKind::tls_request;
    wire::serialize(*tls, shown.payload);
    return shown;
  }
  asked_ = true;
  shown.kind = PacketKind::login_request;
  auto request = wire::parse_login_request(payload, offered_);
  if (!request) return shown;
  request->capabilities = undone(request->capabilities & offered_);
  request->auth_response = blanked(request->auth_response.empty() ? 0 : blanked_response);
  wire::serialize(*request, shown.payload);
  return shown;
}

Buffer copy_of_command(Bytes payload, bool with_content) {
  Buffer copy;
  if (const auto dump = wire::parse_binlog_dump(payload)) {
    wire::serialize(*dump, copy);
  } else if (const auto by_gtid = wire::parse_binlog_dump_gtid(payload)) {
    wire::serialize(*by_gtid, copy);
  } else if (const auto registration = wire::parse_register_slave(payload)) {
    wire::serialize(*registration, copy);
  } else {
    const auto text = wire::parse_query(payload, wire::minimal_dialect);
    const bool answered =
        text && !std::holds_alternative<wire::RefusedQuestion>(wire::parse_question(*text));
    const Bytes shown = answered && with_content
                            ? payload
                            : payload.first(std::min<std::size_t>(payload.size(), 1));
    copy.assign(shown.begin(), shown.end());
  }
  return copy;
}

std::size_t size_of_head(PacketKind kind, Bytes payload, bool semi_sync) {
  constexpr std::size_t error_number = 3;
  if (payload.empty()) return 0;
  std::size_t head = 1;
  if (wire::is_err(payload)) {
    head = error_number;
  } else if (kind == PacketKind::event) {
    const bool marked = semi_sync && payload.size() > 1 && payload[1] == wire::semi_sync_magic;
    head += (marked ? wire::semi_sync_header_size : 0) + binlog::event_header_size;
  }
  return std::min(head, payload.size());
}

}  // namespace sluice::proxy::tap

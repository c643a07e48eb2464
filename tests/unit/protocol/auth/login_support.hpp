// A ServerLogin and a ClientLogin that talk to each other through packets.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "protocol/auth/client_login.hpp"
#include "protocol/auth/server_login.hpp"
#include "protocol/wire/packet.hpp"
#include "unit/protocol/wire/wire_support.hpp"

namespace sluice::test {

/// The payload of the first packet in `stream`, which is taken out of it; checks its number.
inline Buffer take_payload(Buffer& stream, std::uint8_t sequence) {
  wire::PacketAssembler assembler(1u << 20);
  assembler.expect_sequence(sequence);
  const auto step = assembler.feed(stream);
  REQUIRE(step.status == wire::PacketAssembler::Status::complete);
  stream.erase(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(step.consumed));
  return {assembler.payload().begin(), assembler.payload().end()};
}

inline auth::ServerLoginOptions server_options(const auth::Accounts& accounts) {
  auth::ServerLoginOptions options;
  options.server_version = "9.7.4-2";
  options.thread_id = 7;
  options.nonce = "abcdefghijABCDEFGHIJ";
  options.tls = auth::TlsPolicy::optional;
  options.client_host = "10.0.0.9";
  options.find_account = [&accounts](std::string_view user) { return accounts.find(user); };
  return options;
}

inline auth::ClientLoginOptions client_options(std::string user, std::string_view password,
                                               bool tls) {
  auth::ClientLoginOptions options;
  options.user = std::move(user);
  options.password = auth::Secret(password);
  options.tls = tls;
  options.attributes = {{"program_name", "sluice"}, {"_pid", "1"}};
  return options;
}

/// How a conversation ended on both sides, and what the server said on the way: 'g'reeting,
/// 's'witch, 'f'ast path open, 'p'assword wanted, 'o'k, 'e'rror.
struct Conversation {
  auth::ServerLogin::Want server{};
  auth::ClientLogin::Want client{};
  std::string said;
};

inline char letter(Bytes payload) {
  switch (payload[0]) {
    case 0x0A:
      return 'g';
    case 0xFE:
      return 's';
    case 0x01:
      return payload[1] == 3 ? 'f' : 'p';
    case 0x00:
      return 'o';
    default:
      return 'e';
  }
}

/// Lets both talk until one of them is done. The server accepts who is authenticated.
inline Conversation converse(auth::ServerLogin& server, auth::ClientLogin& client) {
  using Server = auth::ServerLogin::Want;
  using Client = auth::ClientLogin::Want;
  Buffer to_client;
  Buffer to_server;
  Conversation end{server.start(to_client), Client::read_packet, {}};
  while (end.client == Client::read_packet || end.client == Client::start_tls) {
    if (!to_client.empty()) {
      const auto payload = take_payload(to_client, client.next_sequence());
      end.said += letter(payload);
      end.client = client.receive(payload, to_server);
      continue;
    }
    REQUIRE(end.server == Server::read_packet);
    REQUIRE_FALSE(to_server.empty());
    end.server = server.receive(take_payload(to_server, server.next_sequence()), to_client);
    if (end.server == Server::start_tls) {
      REQUIRE(end.client == Client::start_tls);
      end.server = server.tls_started();
      end.client = client.tls_started(to_server);
    }
    if (end.server == Server::authenticated) server.accept(to_client);
  }
  return end;
}

}  // namespace sluice::test

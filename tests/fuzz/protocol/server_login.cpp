// ServerLogin: what a stranger can say to Sluice before anything else.
// Input: options, then the payloads of the replica.
#include "protocol/auth/server_login.hpp"
#include "fuzz/fuzz.hpp"
#include "protocol/wire/packet.hpp"

using namespace sluice;
using fuzz::expect;
using Want = auth::ServerLogin::Want;

namespace {

const auth::Accounts& accounts() {
  static const auth::Accounts all = [] {
    auth::Accounts list;
    const auto verifier = auth::Verifier::from_password(auth::Secret("secret"));
    list.add({"replica", "", verifier});
    list.add({"native", std::string(auth::native_password_plugin), verifier});
    list.add({"sha2", std::string(auth::caching_sha2_plugin), verifier});
    return list;
  }();
  return all;
}

auth::ServerLoginOptions options_from(std::uint8_t bits) {
  auth::ServerLoginOptions options;
  options.mariadb = (bits & 1) != 0;
  options.server_version = options.mariadb ? "11.8.6-MariaDB" : "9.7.4";
  options.thread_id = 7;
  options.nonce = "abcdefghijABCDEFGHIJ";
  options.tls = static_cast<auth::TlsPolicy>((bits >> 1) % 3);
  options.client_host = "10.0.0.9";
  if ((bits & 8) != 0) options.default_plugin = auth::native_password_plugin;
  options.find_account = [](std::string_view user) { return accounts().find(user); };
  return options;
}

/// Everything that is sent is whole packets whose numbers follow each other.
void expect_packets(Bytes out, std::uint8_t first, std::uint8_t next) {
  wire::PacketAssembler assembler(1U << 20);
  assembler.expect_sequence(first);
  while (!out.empty()) {
    const auto step = assembler.feed(out);
    expect(step.status == wire::PacketAssembler::Status::complete, "whole packets are sent");
    out = out.subspan(step.consumed);
  }
  expect(assembler.next_sequence() == next, "the numbers follow each other");
}

}  // namespace

FUZZ_TARGET(server_login) {
  fuzz::Choices choices(input);
  const auto options = options_from(choices.byte());
  const auto tls = options.tls;
  auth::ServerLogin login(options);

  Buffer out;
  Want want = login.start(out);
  expect_packets(out, 0, login.next_sequence());
  while (want == Want::read_packet && choices.any()) {
    const Buffer payload = fuzz::exact(choices.message());
    const auto sequence = static_cast<std::uint8_t>(login.next_sequence() + 1);
    out.clear();
    want = login.receive(payload, out);
    expect_packets(out, sequence, login.next_sequence());
    if (want == Want::start_tls) {
      expect(tls != auth::TlsPolicy::off, "TLS starts only where it was offered");
      expect(out.empty(), "nothing is sent before the handshake");
      want = login.tls_started();
    }
  }
  if (want == Want::closed) {
    expect(!login.failure().empty(), "a login fails for a reason");
    expect(!out.empty(), "and the replica is told");
  }
  if (want == Want::authenticated) {
    expect(accounts().find(login.user()).known, "nobody is let in who is not configured");
    expect(tls != auth::TlsPolicy::required || login.over_tls(),
           "nor without the TLS that must be");
    out.clear();
    const std::uint8_t sequence = login.next_sequence();
    login.accept(out);
    expect_packets(out, sequence, login.next_sequence());
  }
}

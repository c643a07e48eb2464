#include "protocol/auth/server_login.hpp"

#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/server_error.hpp"
#include "unit/protocol/auth/login_support.hpp"

using namespace sluice;
using namespace sluice::auth;
using Want = ServerLogin::Want;
using wire::Capability;

namespace {

const std::string nonce = "abcdefghijABCDEFGHIJ";

Accounts one_account(std::string plugin = {}) {
  Accounts accounts;
  accounts.add({"repl", std::move(plugin), Verifier::from_password(Secret("replpw"))});
  return accounts;
}

wire::LoginRequest login(std::string_view plugin, std::string response) {
  wire::LoginRequest request;
  request.capabilities = wire::offered_to_replicas(false, false);
  request.user = "repl";
  request.auth_plugin = plugin;
  request.auth_response = std::move(response);
  return request;
}

/// A server that has sent its greeting.
struct Started {
  explicit Started(ServerLoginOptions options) : server(std::move(options)) {
    CHECK(server.start(out) == Want::read_packet);
    greeting = *wire::parse_greeting(test::take_payload(out, 0));
  }
  Want receive(Bytes payload) { return server.receive(payload, out); }
  /// The error that must be in `out`, alone.
  wire::ErrPacket error(std::uint8_t sequence) {
    const auto err = wire::parse_err(test::take_payload(out, sequence));
    REQUIRE(err);
    CHECK(out.empty());
    return *err;
  }
  ServerLogin server;
  Buffer out;
  wire::Greeting greeting;
};

}  // namespace

TEST_CASE("server login: the greeting") {
  const auto accounts = one_account();
  auto options = test::server_options(accounts);
  options.server_version = "5.5.5-10.11.19-MariaDB-log";
  options.mariadb = true;
  options.thread_id = 77;
  Started conversation(options);
  CHECK(conversation.greeting.server_version == "5.5.5-10.11.19-MariaDB-log");
  CHECK(conversation.greeting.thread_id == 77);
  CHECK(conversation.greeting.nonce == nonce);
  CHECK(conversation.greeting.auth_plugin == caching_sha2_plugin);
  CHECK(conversation.greeting.capabilities == wire::offered_to_replicas(true, true));
  CHECK(conversation.server.next_sequence() == 1);
}

TEST_CASE("server login: compression is offered as configured, and MariaDB has no zstd") {
  const auto accounts = one_account();
  for (const bool mariadb : {false, true}) {
    auto options = test::server_options(accounts);
    options.mariadb = mariadb;
    options.compression = {wire::Compression::zstd, wire::Compression::zlib};
    const Started conversation(options);
    CHECK(conversation.greeting.capabilities.has(Capability::compress));
    CHECK(conversation.greeting.capabilities.has(Capability::zstd) == !mariadb);
  }
}

TEST_CASE("server login: what a client has not been offered is not in force") {
  const auto accounts = one_account();
  struct Case {
    std::vector<wire::Compression> offered;
    wire::Capabilities asked;
    wire::Compression in_force;
  };
  using wire::Compression;
  for (const Case& one : {
           Case{{Compression::zstd, Compression::zlib}, {Capability::zstd}, Compression::zstd},
           Case{{Compression::zstd, Compression::zlib}, {Capability::compress}, Compression::zlib},
           Case{{Compression::zstd}, {Capability::compress}, Compression::none},
           Case{{}, {Capability::compress, Capability::zstd}, Compression::none},
           Case{{Compression::zstd, Compression::zlib}, {}, Compression::none},
       }) {
    auto options = test::server_options(accounts);
    options.compression = one.offered;
    Started conversation(options);
    auto request = login(caching_sha2_plugin, std::string(32, 'x'));
    request.capabilities = request.capabilities | one.asked;
    (void)conversation.receive(test::serialized(request));
    CHECK(conversation.server.compression() == one.in_force);
  }
}

TEST_CASE("server login: recorded replicas are understood up to their password") {
  const auto accounts = one_account();
  for (const auto& packet : test::recorded("login")) {
    CAPTURE(packet.source);
    Started conversation(test::server_options(accounts));
    const auto want = conversation.receive(packet.payload());
    CHECK(conversation.server.user() == "repl");
    CHECK(conversation.server.attributes().size() >= 5);
    const bool sha2 = packet.source.starts_with("mysql-9.7");
    CHECK(want == (sha2 ? Want::closed : Want::read_packet));  // another nonce; auth switch
  }
}

TEST_CASE("server login: every truncation of a login is a bad handshake") {
  const auto accounts = one_account();
  auto request = login(caching_sha2_plugin, caching_sha2_scramble(Secret("replpw"), nonce));
  request.attributes = {{"program_name", "mysqld"}};
  const auto whole = test::serialized(request);
  test::for_each_truncation(whole, [&](Bytes part) {
    Started conversation(test::server_options(accounts));
    CHECK(conversation.receive(part) == Want::closed);
    CHECK(conversation.error(2).code == 1043);
    CHECK(conversation.server.failure() == "malformed login");
    CHECK(conversation.server.error_code() == 1043);
  });
  Started conversation(test::server_options(accounts));
  CHECK(conversation.receive(whole) == Want::authenticated);
}

TEST_CASE("server login: an empty response to the greeting's plugin is switched to the other") {
  const auto accounts = one_account();
  for (const std::string_view of_greeting : {caching_sha2_plugin, native_password_plugin}) {
    for (const std::string_view of_client :
         {of_greeting, std::string_view("dummy_fallback_auth")}) {
      auto options = test::server_options(accounts);
      options.default_plugin = of_greeting;
      Started conversation(options);
      CHECK(conversation.receive(test::serialized(login(of_client, ""))) == Want::read_packet);
      const auto request = wire::parse_auth_switch_request(test::take_payload(conversation.out, 2));
      REQUIRE(request);
      CHECK(request->plugin != of_greeting);
      CHECK(request->data == nonce + '\0');
    }
  }
}

TEST_CASE("server login: who has forgotten his password is told so, not of another plugin") {
  const auto accounts = one_account();
  auto options = test::server_options(accounts);
  options.default_plugin = caching_sha2_plugin;
  Started conversation(options);
  const std::string no_password(1, '\0');
  const auto want = conversation.receive(test::serialized(login(caching_sha2_plugin, no_password)));
  CHECK(want == Want::closed);
  const auto error = conversation.error(2);
  CHECK(error.code == 1045);
  CHECK(error.message.ends_with("(using password: NO)"));
}

TEST_CASE("server login: a client without plugins can do the native one only") {
  auto request = login("", native_scramble(Secret("replpw"), nonce));
  request.capabilities.set(Capability::plugin_auth, false);
  const auto bytes = test::serialized(request);
  {
    const auto accounts = one_account();
    Started conversation(test::server_options(accounts));
    CHECK(conversation.receive(bytes) == Want::authenticated);
    CHECK(conversation.server.plugin() == native_password_plugin);
  }
  {
    const auto accounts = one_account(std::string(caching_sha2_plugin));
    Started conversation(test::server_options(accounts));
    CHECK(conversation.receive(bytes) == Want::closed);
    CHECK(conversation.error(2).code == 1251);
  }
}

TEST_CASE("server login: refused after the password was right") {
  const auto accounts = one_account();
  Started conversation(test::server_options(accounts));
  const auto response = caching_sha2_scramble(Secret("replpw"), nonce);
  REQUIRE(conversation.receive(test::serialized(login(caching_sha2_plugin, response))) ==
          Want::authenticated);
  CHECK(test::take_payload(conversation.out, 2) == test::hex("0103"));
  conversation.server.refuse(wire::errors::too_many_connections(), conversation.out);
  CHECK(conversation.error(3).code == 1040);
}

TEST_CASE("server login: TLS is asked for where it is not offered, or twice") {
  const auto accounts = one_account();
  const auto request =
      test::serialized(wire::SslRequest{wire::offered_to_replicas(false, true), 1u << 24, 45});
  auto options = test::server_options(accounts);
  {
    Started conversation(options);
    CHECK(conversation.receive(request) == Want::start_tls);
    CHECK(conversation.out.empty());
    CHECK(conversation.server.tls_started() == Want::read_packet);
    CHECK(conversation.server.next_sequence() == 2);
    CHECK(conversation.receive(request) == Want::closed);
    CHECK(conversation.error(3).code == 1043);
  }
  options.tls = TlsPolicy::off;
  Started conversation(options);
  CHECK(conversation.receive(request) == Want::closed);
  CHECK(conversation.error(2).code == 1043);
}

TEST_CASE("server login: a plain login where TLS is required gets 3159 for any password") {
  const auto accounts = one_account();
  auto options = test::server_options(accounts);
  options.tls = TlsPolicy::required;
  options.find_account = [](std::string_view) -> Account {
    FAIL("the account was looked up");
    return {};
  };
  for (const auto* password : {"replpw", "bad"}) {
    Started conversation(options);
    const auto response = caching_sha2_scramble(Secret(password), nonce);
    CHECK(conversation.receive(test::serialized(login(caching_sha2_plugin, response))) ==
          Want::closed);
    CHECK(conversation.error(2).code == 3159);
    CHECK(conversation.server.error_code() == 3159);
  }
}

TEST_CASE("server login: malformed passwords over TLS") {
  const auto accounts = one_account();
  for (const auto& payload :
       {Buffer{}, test::bytes_of("replpw"), Buffer(300, 0), Buffer(70000, 'x'), Buffer{0}}) {
    Started conversation(test::server_options(accounts));
    const auto ssl = wire::SslRequest{wire::offered_to_replicas(false, true), 1u << 24, 45};
    REQUIRE(conversation.receive(test::serialized(ssl)) == Want::start_tls);
    static_cast<void>(conversation.server.tls_started());
    const auto wrong = caching_sha2_scramble(Secret("bad"), nonce);
    REQUIRE(conversation.receive(test::serialized(login(caching_sha2_plugin, wrong))) ==
            Want::read_packet);
    CHECK(test::take_payload(conversation.out, 3) == test::hex("0104"));
    CHECK(conversation.receive(payload) == Want::closed);
    CHECK(conversation.error(5).code == 1045);
  }
}

TEST_CASE("server login: a packet out of turn") {
  const auto accounts = one_account();
  Started conversation(test::server_options(accounts));
  REQUIRE(conversation.receive(test::hex("00")) == Want::closed);
  conversation.out.clear();
  CHECK(conversation.receive(test::hex("00")) == Want::closed);
}

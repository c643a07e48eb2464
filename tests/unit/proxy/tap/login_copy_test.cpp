#include "proxy/tap/login_copy.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "protocol/wire/response.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::proxy::tap;
using wire::Capability;

namespace {

const std::string secret = "TOPSECRETTOPSECRET42";  // as long as a nonce

bool holds_secret(Bytes bytes) {
  return as_text(bytes).find("TOPSECRET") != std::string_view::npos;
}

wire::Greeting a_greeting() {
  wire::Greeting greeting;
  greeting.server_version = "9.7.4";
  greeting.nonce = secret;
  greeting.capabilities = wire::offered_to_replicas(false, true);
  greeting.capabilities.set(Capability::zstd);
  greeting.auth_plugin = "caching_sha2_password";
  return greeting;
}

wire::LoginRequest a_login() {
  wire::LoginRequest login;
  login.capabilities = a_greeting().capabilities;
  login.user = "replica";
  login.auth_response = secret;
  login.auth_plugin = "caching_sha2_password";
  login.attributes = {{"_client_name", "libmysql"}};
  login.zstd_level = 3;
  return login;
}

}  // namespace

TEST_CASE("a login is shown without its secrets, as it would be without TLS and compression") {
  LoginCopy copy;
  const auto greeting = copy.from_server(test::serialized(a_greeting()));
  CHECK(greeting.kind == PacketKind::greeting);
  CHECK_FALSE(holds_secret(greeting.payload));
  const auto read_greeting = wire::parse_greeting(greeting.payload);
  REQUIRE(read_greeting);
  CHECK(read_greeting->server_version == "9.7.4");
  CHECK_FALSE(read_greeting->capabilities.has(Capability::ssl));

  wire::SslRequest tls;
  tls.capabilities = a_login().capabilities;
  const auto asks = copy.from_replica(test::serialized(tls));
  CHECK(asks.kind == PacketKind::tls_request);
  CHECK(asks.payload.size() == 32);

  const auto login = copy.from_replica(test::serialized(a_login()));
  CHECK(login.kind == PacketKind::login_request);
  CHECK_FALSE(holds_secret(login.payload));
  const auto read = wire::parse_login_request(login.payload, read_greeting->capabilities);
  REQUIRE(read);
  CHECK(read->user == "replica");
  CHECK(read->attributes == a_login().attributes);
  CHECK_FALSE(read->capabilities.has(Capability::ssl));
  CHECK_FALSE(read->capabilities.has(Capability::zstd));

  const auto change = copy.from_server(
      test::serialized(wire::AuthSwitchRequest{"mysql_native_password", secret + '\0'}));
  CHECK_FALSE(holds_secret(change.payload));
  CHECK(wire::parse_auth_switch_request(change.payload)->plugin == "mysql_native_password");
  for (const std::string& password : {secret, std::string("TOPSECRET"), std::string()}) {
    const auto answer = copy.from_replica(as_bytes(password));
    CHECK(answer.kind == PacketKind::authentication);
    CHECK(answer.payload == Buffer(20, 'x'));  // not even how long it is
  }
  Buffer more;
  wire::serialize_auth_more_data(secret, more);
  CHECK_FALSE(holds_secret(copy.from_server(more).payload));
  Buffer ok;
  wire::serialize(wire::OkPacket{}, wire::minimal_dialect, ok);
  CHECK(copy.from_server(ok).kind == PacketKind::answer);
}

TEST_CASE("what is cut off or no login shows nothing of itself") {
  const Buffer greeting = test::serialized(a_greeting());
  test::for_each_truncation(greeting, [](Bytes part) {
    CHECK_FALSE(holds_secret(LoginCopy().from_server(part).payload));
  });
  const Buffer login = test::serialized(a_login());
  test::for_each_truncation(login, [&](Bytes part) {
    LoginCopy copy;
    (void)copy.from_server(greeting);
    CHECK_FALSE(holds_secret(copy.from_replica(part).payload));
  });
  CHECK_FALSE(holds_secret(LoginCopy().from_replica(login).payload));  // before the greeting
}

TEST_CASE("commands: the text of questions that are answered, and only where it may be shown") {
  Buffer question;
  wire::serialize_query("SELECT @@GLOBAL.server_uuid", wire::minimal_dialect, question);
  CHECK(copy_of_command(question, true) == question);
  CHECK(copy_of_command(question, false) == Buffer{0x03});
  Buffer refused;
  wire::serialize_query("ALTER USER u IDENTIFIED BY 'TOPSECRET'", wire::minimal_dialect, refused);
  CHECK(copy_of_command(refused, true) == Buffer{0x03});
  const Buffer change_user = test::bytes_of(
      "\x11"
      "u\0TOPSECRET");
  CHECK(copy_of_command(change_user, true) == Buffer{0x11});
  CHECK(copy_of_command({}, true).empty());

  Buffer registration;
  Writer(registration).u8(0x15).u32(77).u8(1).text("h").u8(1).text("u").u8(9).text("TOPSECRET");
  Writer(registration).u16(3306).u32(0).u32(0);
  const Buffer shown = copy_of_command(registration, false);
  CHECK_FALSE(holds_secret(shown));
  CHECK(wire::parse_register_slave(shown)->server_id == 77);
  const Buffer dump = test::serialized(wire::BinlogDump{4, 0, 77, "binlog.000001"});
  CHECK(copy_of_command(dump, false) == dump);
}

TEST_CASE("heads of packets") {
  const Buffer event(100, 0);
  CHECK(size_of_head(PacketKind::event, event, false) == 20);
  CHECK(size_of_head(PacketKind::event, event, true) == 20);  // without the mark
  Buffer marked = event;
  marked[1] = 0xEF;
  CHECK(size_of_head(PacketKind::event, marked, true) == 22);
  CHECK(size_of_head(PacketKind::answer, event, false) == 1);
  CHECK(size_of_head(PacketKind::answer, test::hex("ff1504 23"), false) == 3);
  CHECK(size_of_head(PacketKind::answer, {}, false) == 0);
}

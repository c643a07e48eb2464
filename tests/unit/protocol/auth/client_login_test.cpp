#include "protocol/auth/client_login.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "protocol/auth/ed25519.hpp"
#include "protocol/auth/parsec.hpp"
#include "protocol/auth/rsa_password.hpp"
#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/server_error.hpp"
#include "unit/protocol/auth/login_support.hpp"

using namespace sluice;
using namespace sluice::auth;
using Want = ClientLogin::Want;
using wire::Capability;
using std::string_literals::operator""s;

namespace {

const std::string nonce = "abcdefghijABCDEFGHIJ";
const Buffer ok = test::hex("00 00 00 0200 0000");

Buffer greeting(std::string_view plugin, bool mariadb = false) {
  wire::Greeting greeting;
  greeting.server_version = mariadb ? "11.8.6-MariaDB" : "9.7.4";
  greeting.nonce = nonce;
  greeting.capabilities = wire::offered_to_replicas(mariadb, true);
  greeting.auth_plugin = plugin;
  return test::serialized(greeting);
}

Buffer more_data(std::string_view data) {
  Buffer out;
  wire::serialize_auth_more_data(data, out);
  return out;
}

/// A client that is given payloads and whose answers are read.
struct Scripted {
  explicit Scripted(bool tls) : client(test::client_options("repl", "replpw", tls)) {}
  Want receive(const Buffer& payload) {
    sequence = client.next_sequence();
    return client.receive(payload, out);
  }
  Buffer answer() {
    auto payload = test::take_payload(out, static_cast<std::uint8_t>(sequence + 1));
    CHECK(out.empty());
    return payload;
  }
  wire::LoginRequest login(bool mariadb = false) {
    return *wire::parse_login_request(answer(), wire::offered_to_replicas(mariadb, true));
  }
  ClientLogin client;
  Buffer out;
  std::uint8_t sequence = 0;
};

std::string test_public_key() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace

TEST_CASE("client login: the first compression that the master has is asked for") {
  using wire::Compression;
  struct Case {
    std::vector<Compression> wanted;
    wire::Capabilities offered;
    Compression chosen;
  };
  for (const Case& one :
       {Case{{Compression::zstd, Compression::zlib},
             {Capability::compress, Capability::zstd},
             Compression::zstd},
        Case{{Compression::zstd, Compression::zlib}, {Capability::compress}, Compression::zlib},
        Case{{Compression::zstd}, {Capability::compress}, Compression::none},
        Case{{}, {Capability::compress, Capability::zstd}, Compression::none}}) {
    wire::Greeting seen;
    seen.nonce = nonce;
    seen.capabilities = wire::offered_to_replicas(false, false) | one.offered;
    seen.auth_plugin = "caching_sha2_password";
    auto options = test::client_options("repl", "replpw", false);
    options.compression = one.wanted;
    options.zstd_level = 7;
    ClientLogin client(std::move(options));
    Buffer out;
    REQUIRE(client.receive(test::serialized(seen), out) == Want::read_packet);
    CHECK(client.compression() == one.chosen);
    const auto request = wire::parse_login_request(test::take_payload(out, 1), seen.capabilities);
    REQUIRE(request);
    CHECK(wire::compression_in_force(request->capabilities) == one.chosen);
    CHECK(request->zstd_level == (one.chosen == Compression::zstd ? 7 : 0));
  }
}

TEST_CASE("client login: recorded greetings of real servers are answered") {
  for (const auto& packet : test::recorded("greeting")) {
    CAPTURE(packet.source);
    Scripted script(false);
    REQUIRE(script.receive(packet.payloads.front()) == Want::read_packet);
    const auto& seen = script.client.greeting();
    const auto request = wire::parse_login_request(script.answer(), seen.capabilities);
    REQUIRE(request);
    CHECK(request->user == "repl");
    CHECK(request->auth_plugin == seen.auth_plugin);
    CHECK(request->auth_response.size() == (packet.source.starts_with("mysql-9.7") ? 32 : 20));
    CHECK(wire::find_attribute(request->attributes, "program_name") == "sluice");
    CHECK((request->capabilities & seen.capabilities) == script.client.capabilities());
    CHECK(script.receive(ok) == Want::done);
  }
}

TEST_CASE("client login: TLS comes before anything of the user") {
  Scripted script(true);
  REQUIRE(script.receive(greeting(caching_sha2_plugin)) == Want::start_tls);
  CHECK(wire::parse_ssl_request(script.answer()));
  REQUIRE(script.client.tls_started(script.out) == Want::read_packet);
  script.sequence = 1;
  CHECK(script.login().user == "repl");
  CHECK(script.client.next_sequence() == 3);
}

TEST_CASE("client login: caching_sha2 over TLS sends the password, and only then") {
  Scripted script(true);
  REQUIRE(script.receive(greeting(caching_sha2_plugin)) == Want::start_tls);
  script.out.clear();
  static_cast<void>(script.client.tls_started(script.out));
  script.out.clear();
  REQUIRE(script.receive(more_data("\x04")) == Want::read_packet);
  CHECK(script.answer() == test::hex("7265706c7077 00"));
  CHECK(script.receive(ok) == Want::done);
}

TEST_CASE("client login: caching_sha2 without TLS asks for the key") {
  Scripted script(false);
  REQUIRE(script.receive(greeting(caching_sha2_plugin)) == Want::read_packet);
  script.out.clear();
  REQUIRE(script.receive(more_data("\x04")) == Want::read_packet);
  CHECK(script.answer() == test::hex("02"));
  SUBCASE("a key") {
    REQUIRE(script.receive(more_data(test_public_key())) == Want::read_packet);
    CHECK(script.answer().size() == 256);
    CHECK(script.receive(ok) == Want::done);
  }
  SUBCASE("no key") {
    CHECK(script.receive(more_data("nonsense")) == Want::failed);
    CHECK(script.client.error() == ClientLoginError::bad_public_key);
    CHECK(script.out.empty());
  }
}

TEST_CASE("client login: sha256_password by switch and by greeting") {
  for (const bool tls : {true, false}) {
    Scripted script(tls);
    auto want = script.receive(greeting(sha256_password_plugin));
    if (tls) {
      script.out.clear();
      want = script.client.tls_started(script.out);
      script.sequence = 1;
    }
    CHECK(want == Want::read_packet);
    const auto clear = std::string("replpw\0", 7);
    CHECK(script.login().auth_response == (tls ? clear : "\x01"));

    const wire::AuthSwitchRequest request{std::string(sha256_password_plugin), nonce + '\0'};
    REQUIRE(script.receive(test::serialized(request)) == Want::read_packet);
    CHECK(script.answer() == test::bytes_of(tls ? clear : "\x01"));
    if (!tls) {
      REQUIRE(script.receive(more_data(test_public_key())) == Want::read_packet);
      CHECK(script.answer().size() == 256);
    }
    CHECK(script.receive(ok) == Want::done);
  }
}

TEST_CASE("client login: client_ed25519 signs the nonce of the switch") {
  Scripted script(false);
  REQUIRE(script.receive(greeting(native_password_plugin, true)) == Want::read_packet);
  CHECK(script.login(true).auth_plugin == native_password_plugin);
  const std::string long_nonce = "0123456789ABCDEF0123456789ABCDE\0"s;
  REQUIRE(long_nonce.size() == 32);
  REQUIRE(script.receive(test::serialized(wire::AuthSwitchRequest{
              std::string(ed25519_plugin), long_nonce})) == Want::read_packet);
  CHECK(script.answer() == test::bytes_of(ed25519_sign(Secret("replpw"), long_nonce)));
  CHECK(script.receive(ok) == Want::done);
}

TEST_CASE("client login: parsec asks for the salt, and signs") {
  Scripted script(false);
  REQUIRE(script.receive(greeting(parsec_plugin, true)) == Want::read_packet);
  CHECK(script.login(true).auth_plugin == native_password_plugin);
  const std::string long_nonce(32, 'n');
  REQUIRE(script.receive(test::serialized(wire::AuthSwitchRequest{
              std::string(parsec_plugin), long_nonce})) == Want::read_packet);
  CHECK(script.answer().empty());
  SUBCASE("a salt") {
    REQUIRE(script.receive(more_data("P\x02" + std::string(18, 's'))) == Want::read_packet);
    CHECK(script.answer().size() == 96);
    CHECK(script.receive(ok) == Want::done);
  }
  SUBCASE("a second salt") {
    const auto salt = more_data("P\x02" + std::string(18, 's'));
    REQUIRE(script.receive(salt) == Want::read_packet);
    script.out.clear();
    CHECK(script.receive(salt) == Want::failed);
    CHECK(script.client.error() == ClientLoginError::malformed_packet);
  }
  SUBCASE("more iterations than anybody wants to wait for") {
    CHECK(script.receive(more_data("P\x7f" + std::string(18, 's'))) == Want::failed);
    CHECK(script.client.error() == ClientLoginError::no_signature);
    CHECK(script.out.empty());
  }
  SUBCASE("something else") {
    CHECK(script.receive(test::bytes_of("P\x02" + std::string(18, 's'))) == Want::failed);
    CHECK(script.client.error() == ClientLoginError::malformed_packet);
  }
}

TEST_CASE("client login: an unknown default plugin is answered with a known one") {
  for (const bool mariadb : {true, false}) {
    Scripted script(false);
    REQUIRE(script.receive(greeting("auth_gssapi_client", mariadb)) == Want::read_packet);
    CHECK(script.login(mariadb).auth_plugin ==
          (mariadb ? native_password_plugin : caching_sha2_plugin));
  }
}

TEST_CASE("client login: switches that are refused") {
  struct Case {
    Buffer payload;
    ClientLoginError expected;
  };
  const auto with_nonce = [](const char* plugin) {
    return test::serialized(wire::AuthSwitchRequest{plugin, nonce + '\0'});
  };
  const Case cases[] = {
      {test::hex("fe"), ClientLoginError::insecure_plugin},
      {with_nonce("mysql_old_password"), ClientLoginError::insecure_plugin},
      {with_nonce("mysql_clear_password"), ClientLoginError::insecure_plugin},
      {with_nonce("dialog"), ClientLoginError::plugin_not_supported},
      {with_nonce("parsec"), ClientLoginError::malformed_packet},          // a short nonce
      {with_nonce("client_ed25519"), ClientLoginError::malformed_packet},  // a short nonce
      {test::hex("fe 6d7973716c5f6e61746976655f70617373776f7264 00 6162"),
       ClientLoginError::malformed_packet},
      {test::hex("fe 6d79"), ClientLoginError::malformed_packet},
      {test::hex("02 6d7900"), ClientLoginError::multi_factor},
      {test::hex("01 03 03"), ClientLoginError::malformed_packet},
      {test::hex("01 07"), ClientLoginError::malformed_packet},
      {test::hex("01"), ClientLoginError::malformed_packet},
      {test::hex("00 00"), ClientLoginError::malformed_packet},
      {test::hex("ff 15"), ClientLoginError::malformed_packet},
      {test::hex("42"), ClientLoginError::malformed_packet},
      {Buffer{}, ClientLoginError::malformed_packet},
  };
  for (const auto& sample : cases) {
    const auto& payload = sample.payload;
    const auto& expected = sample.expected;
    CAPTURE(payload.size());
    Scripted script(false);
    REQUIRE(script.receive(greeting(caching_sha2_plugin)) == Want::read_packet);
    script.out.clear();
    CHECK(script.receive(payload) == Want::failed);
    CHECK(script.client.error() == expected);
    CHECK(script.out.empty());
    CHECK_FALSE(script.client.describe_error().empty());
    CHECK(script.client.describe_error().find("replpw") == std::string::npos);
    CHECK(script.receive(ok) == Want::failed);  // for good
  }
}

TEST_CASE("client login: servers that cannot be used") {
  Scripted refused(true);
  const auto error = test::serialized(wire::without_sqlstate(wire::errors::too_many_connections()));
  CHECK(refused.receive(error) == Want::failed);
  CHECK(refused.client.error() == ClientLoginError::server_error);
  CHECK(refused.client.server_error().code == 1040);
  CHECK(refused.client.describe_error().find("Too many connections") != std::string::npos);

  Scripted http(true);
  CHECK(http.receive(test::bytes_of("HTTP/1.1 400 Bad Request")) == Want::failed);
  CHECK(http.client.error() == ClientLoginError::malformed_packet);

  wire::Greeting old;
  old.server_version = "5.1.73";
  old.nonce = nonce;
  old.capabilities = wire::offered_to_replicas(false, true);
  old.capabilities.set(Capability::plugin_auth, false);
  Scripted ancient(true);
  CHECK(ancient.receive(test::serialized(old)) == Want::failed);
  CHECK(ancient.client.error() == ClientLoginError::server_too_old);

  old.capabilities = wire::offered_to_replicas(false, false);
  Scripted plain(true);
  CHECK(plain.receive(test::serialized(old)) == Want::failed);
  CHECK(plain.client.error() == ClientLoginError::server_without_tls);
  CHECK(plain.out.empty());
}

TEST_CASE("client login: what to do about an account that is not let in") {
  struct Case {
    std::uint16_t code;
    bool tls;
    bool client_certificate;
    std::string_view advice;
  };
  for (const Case& one :
       {Case{1045, false, false, "and whether the account demands TLS (REQUIRE SSL)"},
        Case{1045, true, false, "whether the account demands a client certificate (REQUIRE X509)"},
        Case{1045, true, true, "demands another client certificate (REQUIRE SUBJECT, ISSUER)"},
        Case{3118, true, false, "ALTER USER ... ACCOUNT UNLOCK"},
        Case{4151, true, false, "ALTER USER ... ACCOUNT UNLOCK"},
        Case{1862, true, false, "ALTER USER ... IDENTIFIED BY"}}) {
    CAPTURE(one.code);
    auto options = test::client_options("repl", "replpw", one.tls);
    options.client_certificate = one.client_certificate;
    ClientLogin client(std::move(options));
    Buffer out;
    wire::ErrPacket error = wire::errors::unknown_error("No");
    error.code = one.code;
    REQUIRE(client.receive(test::serialized(wire::without_sqlstate(error)), out) == Want::failed);
    const std::string text = client.describe_error();
    CAPTURE(text);
    CHECK(text.find(one.advice) != std::string::npos);
    CHECK((text.find("check user and password") != std::string::npos) == (one.code == 1045));
  }
}

TEST_CASE("client login: a server that goes on for ever") {
  Scripted script(false);
  REQUIRE(script.receive(greeting(caching_sha2_plugin)) == Want::read_packet);
  auto want = Want::read_packet;
  for (int i = 0; i < 100 && want == Want::read_packet; ++i)
    want = script.receive(more_data("\x03"));
  CHECK(want == Want::failed);
}

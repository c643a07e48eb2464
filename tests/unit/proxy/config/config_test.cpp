#include "proxy/config/config.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <array>
#include <string>

#include "unit/proxy/temp_folder.hpp"

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

class Folder : public test::TempFolder {
 public:
  Folder() {
    for (const auto* name : {"ca.pem", "cert.pem", "key.pem"}) write(name, "x");
    write("secret", "s3cret\r\n");
    write("token", "0123456789abcdef\n");
  }

  [[nodiscard]] Config load(std::string_view text) const {
    write("sluice.toml", text);
    auto result = load_config(file("sluice.toml"));
    if (const auto* errors = std::get_if<ConfigErrors>(&result)) {
      FAIL(errors->front().to_string());
    }
    return std::get<Config>(std::move(result));
  }
};

constexpr std::string_view least = R"(
[[relay]]
name = "a"
listen = ["127.0.0.1:3306"]
[relay.master]
host = "db"
user = "u"
password = "p"
[relay.replica.tls]
cert = "cert.pem"
key = "key.pem"
[[relay.replica.user]]
name = "r"
password = "q"
)";

bool allows(const filters::NetworkList& networks, std::array<std::uint8_t, 4> address) {
  return networks.contains(address);
}

TEST_CASE("the defaults") {
  const Folder folder;
  const Config config = folder.load(least);
  CHECK(config.log.level == LogLevel::info);
  CHECK(config.log.format == LogFormat::text);
  CHECK(config.threads == 0);
  CHECK(config.shutdown_grace == 10s);
  REQUIRE(config.relays.size() == 1);
  const RelayConfig& relay = config.relays.front();
  CHECK(relay.name == "a");
  CHECK(relay.listen == std::vector{ListenAddress{"127.0.0.1", 3306}});
  CHECK(relay.master.port == 3306);
  CHECK(relay.master.connect_timeout == 10s);
  CHECK(relay.master.password.reveal() == "p");
  CHECK(relay.master.tls.mode == MasterTlsMode::verify_identity);
  CHECK(relay.master.tls.min_version == TlsVersion::tls_1_2);
  CHECK(relay.master.tls.ca.empty());
  CHECK(relay.replica.tls.mode == ReplicaTlsMode::required);
  CHECK(relay.replica.tls.min_version == TlsVersion::tls_1_2);
  CHECK(relay.replica.tls.cert == folder.file("cert.pem"));
  CHECK(relay.replica.tls.client_ca.empty());
  CHECK(relay.replica.max_sessions == 100);
  CHECK(relay.replica.max_logins == 100);
  CHECK(relay.replica.login_timeout == 10s);
  CHECK(relay.master.compression == LegCompression{});
  CHECK(relay.replica.compression.algorithms ==
        std::vector{wire::Compression::zstd, wire::Compression::zlib});
  CHECK(relay.replica.compression.zlib_level == 6);
  CHECK(relay.replica.compression.zstd_level == 3);
  CHECK(allows(relay.replica.allow, {203, 0, 113, 1}));
  CHECK(relay.replica.proxy_protocol.networks().empty());
  REQUIRE(relay.replica.users.size() == 1);
  CHECK(relay.replica.users[0].name == "r");
  CHECK(relay.replica.users[0].plugin.empty());
  CHECK(relay.replica.users[0].verifier.check_password(auth::Secret("q")));
  CHECK(relay.filter.rules.drops_accounts());
  CHECK(relay.filter.max_payload == std::uint64_t{1} << 30);
  CHECK(!relay.filter.rules.drops("app", "t"));
  CHECK(relay.requirements.master_version == Reaction::refuse);
  CHECK(relay.requirements.same_version == Reaction::warn);
  CHECK(relay.keepalive.idle == 60s);
  CHECK(relay.keepalive.interval == 10s);
  CHECK(relay.keepalive.count == 6);
}

TEST_CASE("as many may log in at a time as may be logged in, unless it is said otherwise") {
  struct Case {
    const char* keys;
    std::size_t max_logins;
  };
  for (const Case& one :
       {Case{"max_sessions = 500", 500}, Case{"max_sessions = 10", 64},
        Case{"max_sessions = 0", 64}, Case{"max_sessions = 500\nmax_logins = 5", 5}}) {
    CAPTURE(one.keys);
    const Folder folder;
    std::string text(least);
    text.insert(text.find("[relay.replica.tls]"),
                "[relay.replica]\n" + std::string(one.keys) + "\n");
    CHECK(folder.load(text).relays.front().replica.max_logins == one.max_logins);
  }
}

TEST_CASE("every key takes effect") {
  setenv("SLUICE_TEST_PASSWORD", "from the environment", 1);
  const Folder folder;
  const Config config = folder.load(R"(
[log]
level = "debug"
format = "json"
[runtime]
threads = 3
[shutdown]
grace = 0
[[relay]]
name = "a"
listen = ["127.0.0.1:3306", "[::1]:3307"]
advertise = "sluice.example.com:3308"
[relay.master]
host = "10.0.0.5"
port = 3307
user = "u"
password_file = "secret"
connect_timeout = "500ms"
compression = ["zlib", "zstd"]
zstd_level = 22
[relay.master.tls]
mode = "verify-ca"
ca = "ca.pem"
cert = "cert.pem"
key = "key.pem"
min_version = "1.0"
[relay.replica]
allow = ["192.0.2.0/24", "10.0.0.1"]
proxy_protocol = ["10.1.0.0/16"]
max_sessions = 0
max_logins = 5
login_timeout = 2
compression = []
zlib_level = 1
zstd_level = 9
[relay.replica.tls]
mode = "required"
cert = "cert.pem"
key = "key.pem"
client_ca = "ca.pem"
min_version = "1.3"
[[relay.replica.user]]
name = "r"
password_env = "SLUICE_TEST_PASSWORD"
plugin = "mysql_native_password"
[[relay.replica.user]]
name = "s"
password_hash = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
[relay.filter]
system_schema = "keep"
ignore = ["tmp.%"]
only = ["app.%"]
max_payload = "64MiB"
[relay.requirements]
master_version = "warn"
same_version = "ignore"
primary_key = "refuse"
innodb = "ignore"
[relay.keepalive]
idle = "2m"
interval = 5
count = 3
[admin]
listen = "[::1]:9105"
token_file = "token"
tap = "full"
[admin.tls]
cert = "cert.pem"
key = "key.pem"
)");
  REQUIRE(config.admin);
  CHECK(config.admin->listen == ListenAddress{"::1", 9105});
  CHECK(config.admin->token.reveal() == "0123456789abcdef");
  CHECK(config.admin->cert == folder.file("cert.pem"));
  CHECK(config.admin->key == folder.file("key.pem"));
  CHECK(config.admin->tap == TapContent::full);
  CHECK(config.log.level == LogLevel::debug);
  CHECK(config.log.format == LogFormat::json);
  CHECK(config.threads == 3);
  CHECK(config.shutdown_grace == 0s);
  const RelayConfig& relay = config.relays.at(0);
  CHECK(relay.listen == std::vector{ListenAddress{"127.0.0.1", 3306}, ListenAddress{"::1", 3307}});
  REQUIRE(relay.advertise);
  CHECK(relay.advertise->host == "sluice.example.com");
  CHECK(relay.advertise->port == 3308);
  CHECK(relay.master.host == "10.0.0.5");
  CHECK(relay.master.port == 3307);
  CHECK(relay.master.password.reveal() == "s3cret");
  CHECK(relay.master.connect_timeout == 500ms);
  CHECK(relay.master.tls.mode == MasterTlsMode::verify_ca);
  CHECK(relay.master.tls.ca == folder.file("ca.pem"));
  CHECK(relay.master.tls.cert == folder.file("cert.pem"));
  CHECK(relay.master.tls.key == folder.file("key.pem"));
  CHECK(relay.master.tls.min_version == TlsVersion::tls_1_0);
  CHECK(allows(relay.replica.allow, {192, 0, 2, 77}));
  CHECK(!allows(relay.replica.allow, {203, 0, 113, 1}));
  CHECK(allows(relay.replica.proxy_protocol, {10, 1, 2, 3}));
  CHECK(!allows(relay.replica.proxy_protocol, {10, 2, 2, 3}));
  CHECK(relay.replica.max_sessions == 0);
  CHECK(relay.replica.max_logins == 5);
  CHECK(relay.replica.login_timeout == 2s);
  CHECK(relay.master.compression ==
        LegCompression{{wire::Compression::zlib, wire::Compression::zstd}, 6, 22});
  CHECK(relay.replica.compression == LegCompression{{}, 1, 9});
  CHECK(relay.replica.tls.client_ca == folder.file("ca.pem"));
  CHECK(relay.replica.tls.min_version == TlsVersion::tls_1_3);
  REQUIRE(relay.replica.users.size() == 2);
  CHECK(relay.replica.users[0].plugin == "mysql_native_password");
  CHECK(relay.replica.users[0].verifier.check_password(auth::Secret("from the environment")));
  CHECK(relay.replica.users[1].verifier.supports("mysql_native_password"));
  CHECK(!relay.replica.users[1].verifier.supports("caching_sha2_password"));
  CHECK(!relay.filter.rules.drops("app", "t"));
  CHECK(relay.filter.rules.drops("tmp", "t"));
  CHECK(relay.filter.rules.drops("other", "t"));
  CHECK(relay.filter.max_payload == 64 << 20);
  CHECK(relay.filter.rules.system_schema() == filters::SystemSchema::keep);
  CHECK(relay.requirements.master_version == Reaction::warn);
  CHECK(relay.requirements.same_version == Reaction::ignore);
  CHECK(relay.requirements.primary_key == Reaction::refuse);
  CHECK(relay.requirements.innodb == Reaction::ignore);
  CHECK(relay.keepalive.idle == 120s);
  CHECK(relay.keepalive.interval == 5s);
  CHECK(relay.keepalive.count == 3);
}

TEST_CASE("TLS may be off towards the replicas, and then needs no certificate") {
  const Folder folder;
  std::string text(least);
  const std::string_view pair = "cert = \"cert.pem\"\nkey = \"key.pem\"";
  text.replace(text.find(pair), pair.size(), "mode = \"disabled\"");
  CHECK(folder.load(text).relays.at(0).replica.tls.mode == ReplicaTlsMode::disabled);
}

TEST_CASE("the system schema may be kept") {
  const Folder folder;
  const Config config =
      folder.load(std::string(least) + "[relay.filter]\nsystem_schema = \"keep\"\n");
  CHECK(config.relays.at(0).filter.rules.drops_nothing());
}

TEST_CASE("several relays") {
  const Folder folder;
  std::string second(least);
  second.replace(second.find("\"a\""), 3, "\"b\"");
  second.replace(second.find("3306"), 4, "3307");
  const Config config = folder.load(std::string(least) + second);
  REQUIRE(config.relays.size() == 2);
  CHECK(config.relays[1].name == "b");
  CHECK(config.relays[1].listen[0].port == 3307);
}

}  // namespace
}  // namespace sluice::proxy

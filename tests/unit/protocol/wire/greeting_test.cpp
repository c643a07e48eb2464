#include "protocol/wire/greeting.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

TEST_CASE("greeting: recorded ones are read and written back byte for byte") {
  const auto greetings = test::recorded("greeting");
  REQUIRE(greetings.size() == 7);
  for (const auto& packet : greetings) {
    CAPTURE(packet.source);
    const auto greeting = parse_greeting(packet.payload());
    REQUIRE(greeting);
    CHECK(greeting->nonce.size() == nonce_size);
    CHECK(greeting->is_mariadb() == packet.source.starts_with("mariadb"));
    CHECK(test::same(test::serialized(*greeting), packet.payload()));
    test::for_each_truncation(packet.payload(),
                              [](Bytes part) { CHECK_FALSE(parse_greeting(part)); });
  }
}

TEST_CASE("greeting: the fields of MariaDB 10.11") {
  for (const auto& packet : test::recorded("greeting")) {
    if (packet.source != "mariadb-10.11-gtid 1") continue;
    const auto greeting = parse_greeting(packet.payload());
    REQUIRE(greeting);
    CHECK(greeting->server_version == "5.5.5-10.11.19-MariaDB-0+deb12u1-log");
    CHECK(greeting->thread_id == 8);
    CHECK(greeting->nonce == "]#6$RP|@ghUOnYV#H%z\\");
    CHECK(greeting->charset == 8);
    CHECK(greeting->status == 2);
    CHECK(greeting->auth_plugin == "mysql_native_password");
    CHECK(greeting->capabilities.has(Capability::mariadb_progress));
    CHECK(greeting->capabilities.bits() == 0x1d81fffffe);
  }
}

TEST_CASE("greeting: other protocols and texts are none") {
  CHECK_FALSE(parse_greeting(test::hex("09 39 2e 37 00 01 00 00 00")));
  CHECK_FALSE(parse_greeting(test::bytes_of("HTTP/1.1 400 Bad Request\r\n\r\n")));
  CHECK_FALSE(parse_greeting({}));
}

TEST_CASE("greeting: texts longer than a server's are none") {
  const auto parsed = [](std::size_t version, std::size_t plugin) {
    Greeting greeting;
    greeting.server_version = std::string(version, '9');
    greeting.nonce = std::string(nonce_size, 'n');
    greeting.capabilities = offered_to_replicas(false, true);
    greeting.auth_plugin = std::string(plugin, 'p');
    return parse_greeting(test::serialized(greeting)).has_value();
  };
  CHECK(parsed(max_greeting_text, max_greeting_text));
  CHECK_FALSE(parsed(max_greeting_text + 1, 1));
  CHECK_FALSE(parsed(1, max_greeting_text + 1));
}

TEST_CASE("greeting: one as Sluice makes it comes back the same") {
  Greeting greeting;
  greeting.server_version = "11.8.6-MariaDB";
  greeting.thread_id = 0xFFFFFFFF;
  greeting.nonce = "abcdefghijklmnopqrst";
  greeting.capabilities = offered_to_replicas(true, true);
  greeting.charset = 45;
  greeting.status = 2;
  greeting.auth_plugin = "caching_sha2_password";
  const auto again = parse_greeting(test::serialized(greeting));
  REQUIRE(again);
  CHECK(*again == greeting);
}

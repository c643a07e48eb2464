#include "protocol/wire/login_request.hpp"

#include <doctest/doctest.h>

#include "protocol/wire/greeting.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;

namespace {

struct Pair {
  std::string source;
  Capabilities offered;
  Buffer login;
};

/// Each recorded login with what its server had offered.
std::vector<Pair> recorded_logins() {
  std::vector<Pair> pairs;
  for (const auto& login : test::recorded("login")) {
    for (const auto& greeting : test::recorded("greeting")) {
      if (greeting.source == login.source) {
        pairs.push_back({login.source, parse_greeting(greeting.payload())->capabilities,
                         login.payloads.front()});
      }
    }
  }
  return pairs;
}

}  // namespace

TEST_CASE("login request: recorded ones are read and written back byte for byte") {
  const auto logins = recorded_logins();
  REQUIRE(logins.size() == 7);
  for (const auto& pair : logins) {
    const auto& source = pair.source;
    const auto& offered = pair.offered;
    const auto& login = pair.login;
    CAPTURE(source);
    auto request = parse_login_request(login, offered);
    REQUIRE(request);
    CHECK(request->user == "repl");
    CHECK(find_attribute(request->attributes, "_os").size() > 3);
    // Written back with the bits in force, the layout is the same; the bits themselves differ where
    // a client sets more than it was offered.
    const auto sent = request->capabilities;
    request->capabilities = sent & offered;
    request->capabilities.set(Capability::long_password, sent.has(Capability::long_password));
    const auto again = test::serialized(*request);
    REQUIRE(again.size() == login.size());
    CHECK(test::same(Bytes(again).subspan(4, 24), Bytes(login).subspan(4, 24)));
    CHECK(test::same(Bytes(again).subspan(32), Bytes(login).subspan(32)));
    test::for_each_truncation(login,
                              [&](Bytes part) { CHECK_FALSE(parse_login_request(part, offered)); });
  }
}

TEST_CASE("login request: the fields of a 9.7 replica") {
  for (const auto& pair : recorded_logins()) {
    const auto& source = pair.source;
    const auto& offered = pair.offered;
    const auto& login = pair.login;
    if (source != "mysql-9.7-gtid 1") continue;
    const auto request = parse_login_request(login, offered);
    REQUIRE(request);
    CHECK(request->capabilities.bits() == 0x99b8a285);
    CHECK(request->max_packet == 1073746023);
    CHECK(request->charset == 255);
    CHECK(request->auth_response.size() == 32);
    CHECK(request->auth_plugin == "caching_sha2_password");
    CHECK(find_attribute(request->attributes, "_client_role") == "binary_log_listener");
    CHECK(find_attribute(request->attributes, "program_name") == "mysqld");
    CHECK(find_attribute(request->attributes, "nothing").empty());
  }
}

TEST_CASE("login request: recorded SSLRequests, both ways") {
  const auto requests = test::recorded("ssl_request");
  REQUIRE(requests.size() == 4);
  for (const auto& packet : requests) {
    const auto request = parse_ssl_request(packet.payload());
    REQUIRE(request);
    CHECK(test::same(test::serialized(*request), packet.payload()));
    test::for_each_truncation(packet.payload(),
                              [](Bytes part) { CHECK_FALSE(parse_ssl_request(part)); });
    CHECK_FALSE(parse_login_request(packet.payload(), offered_to_replicas(false, true)));
  }
}

TEST_CASE("login request: 32 bytes without the SSL bit are no SSLRequest") {
  Buffer bytes(32, 0);
  CHECK_FALSE(parse_ssl_request(bytes));
}

TEST_CASE("login request: the layout follows what both sides have set") {
  LoginRequest request;
  request.capabilities = {Capability::long_password, Capability::protocol_41,
                          Capability::secure_connection, Capability::connect_with_db};
  request.user = "u";
  request.auth_response = std::string("\x01\x02\x00", 3);
  request.database = "d";
  const auto bytes = test::serialized(request);
  CHECK(test::same(Bytes(bytes).subspan(32), test::hex("7500 03 010200 6400")));
  const auto again = parse_login_request(bytes, offered_to_replicas(false, false));
  REQUIRE(again);
  CHECK(*again == request);
}

TEST_CASE("login request: a level of zstd stands behind all else") {
  LoginRequest request;
  request.capabilities = offered_to_replicas(false, false);
  request.capabilities.set(Capability::zstd);
  request.user = "u";
  request.attributes = {{"a", "b"}};
  request.zstd_level = 7;
  auto bytes = test::serialized(request);
  CHECK(bytes.back() == 7);
  CHECK(*parse_login_request(bytes, request.capabilities) == request);
  CHECK(parse_login_request(bytes, offered_to_replicas(false, false))->zstd_level == 0);
  bytes.pop_back();
  CHECK_FALSE(parse_login_request(bytes, request.capabilities));
}

TEST_CASE("login request: of attributes without end some are kept") {
  LoginRequest request;
  request.capabilities = offered_to_replicas(false, false);
  request.user = "u";
  request.attributes.assign(8000, {"", ""});
  const auto bytes = test::serialized(request);
  const auto parsed = parse_login_request(bytes, request.capabilities);
  REQUIRE(parsed);
  CHECK(parsed->attributes.size() == max_attributes);
}

TEST_CASE("login request: before 4.1, a short list, a lying length") {
  Buffer old(40, 0);
  CHECK_FALSE(parse_login_request(old, offered_to_replicas(false, false)));

  LoginRequest request;
  request.capabilities = offered_to_replicas(false, false);
  request.user = "u";
  request.attributes = {{"a", "b"}};
  auto bytes = test::serialized(request);
  const auto attributes = bytes.size() - 5;
  REQUIRE(bytes[attributes] == 4);
  bytes[attributes] = 3;  // the list ends within a value
  CHECK_FALSE(parse_login_request(bytes, request.capabilities));
  bytes[attributes] = 5;  // the list is longer than the packet
  CHECK_FALSE(parse_login_request(bytes, request.capabilities));
}

TEST_CASE("login request: MariaDB's extended capabilities") {
  LoginRequest request;
  request.capabilities = offered_to_replicas(true, false);
  request.capabilities.set(Capability::mariadb_cache_metadata);
  request.user = "u";
  const auto bytes = test::serialized(request);
  CHECK(*parse_login_request(bytes, offered_to_replicas(true, false)) == request);
  // A server that shows itself as MySQL does not read them.
  const auto seen = parse_login_request(bytes, offered_to_replicas(false, false));
  CHECK_FALSE(seen->capabilities.has(Capability::mariadb_cache_metadata));
}

#include "proxy/config/config_changes.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

RelayConfig some_relay() {
  RelayConfig relay;
  relay.name = "orders";
  relay.listen = {{"0.0.0.0", 3306}};
  relay.master.host = "10.0.0.5";
  relay.master.user = "relay";
  relay.master.password = auth::Secret("first");
  relay.replica.users = {{"azure", "", auth::Verifier::from_password(auth::Secret("word"))}};
  return relay;
}

struct Case {
  std::string_view section;
  bool same_stream;
  std::function<void(RelayConfig&)> change;
};

TEST_CASE("every section that changes is named, and some make another stream") {
  const Case cases[] = {
      {"listen", true,
       [](auto& relay) {
         relay.listen.push_back({"::1", 3306});
       }},
      {"advertise", true,
       [](auto& relay) {
         relay.advertise = PublicAddress{"sluice", 3306};
       }},
      {"master", false, [](auto& relay) { relay.master.host = "10.0.0.6"; }},
      {"master", false, [](auto& relay) { relay.master.port = 3307; }},
      {"master", false, [](auto& relay) { relay.master.user = "another"; }},
      {"master", true, [](auto& relay) { relay.master.connect_timeout = 3s; }},
      {"master.password", true,
       [](auto& relay) { relay.master.password = auth::Secret("second"); }},
      {"master.tls", false, [](auto& relay) { relay.master.tls.ca = "/etc/ca.pem"; }},
      {"replica", true,
       [](auto& relay) {
         relay.replica.proxy_protocol =
             filters::NetworkList({*filters::Network::parse("10.0.0.0/8")});
       }},
      {"replica", true,
       [](auto& relay) {
         relay.replica.allow = filters::NetworkList({*filters::Network::parse("10.0.0.0/8")});
       }},
      {"replica", true, [](auto& relay) { relay.replica.max_sessions = 5; }},
      {"replica", true, [](auto& relay) { relay.replica.compression.algorithms.clear(); }},
      {"replica", true, [](auto& relay) { relay.replica.compression.zlib_level = 1; }},
      {"master", true, [](auto& relay) { relay.master.compression.zstd_level = 1; }},
      {"replica.tls", true, [](auto& relay) { relay.replica.tls.mode = ReplicaTlsMode::optional; }},
      {"replica.user", true,
       [](auto& relay) {
         relay.replica.users[0].verifier = auth::Verifier::from_password(auth::Secret("words"));
       }},
      {"replica.user", true, [](auto& relay) { relay.replica.users.clear(); }},
      {"filter", false,
       [](auto& relay) {
         relay.filter.rules = filters::TableRules(filters::SystemSchema::drop,
                                                  {*filters::TablePattern::parse("tmp.%")}, {});
       }},
      {"filter", true, [](auto& relay) { relay.filter.max_payload = 1 << 20; }},
      {"requirements", false,
       [](auto& relay) { relay.requirements.same_version = Reaction::refuse; }},
      {"keepalive", true, [](auto& relay) { relay.keepalive.count = 1; }},
  };
  for (const Case& one : cases) {
    CAPTURE(one.section);
    RelayConfig changed = some_relay();
    one.change(changed);
    CHECK(changed_sections(some_relay(), changed) == std::vector{one.section});
    CHECK(is_same_stream(some_relay(), changed) == one.same_stream);
  }
}

TEST_CASE("who is in without TLS, or a certificate, that are wanted now gets another stream") {
  RelayConfig open = some_relay();
  open.replica.tls.mode = ReplicaTlsMode::optional;
  CHECK_FALSE(is_same_stream(open, some_relay()));
  CHECK(is_same_stream(some_relay(), open));
  RelayConfig with_certificates = some_relay();
  with_certificates.replica.tls.client_ca = "/etc/ca.pem";
  CHECK_FALSE(is_same_stream(some_relay(), with_certificates));
  CHECK(is_same_stream(with_certificates, some_relay()));
}

TEST_CASE("nothing has changed") {
  CHECK(changed_sections(some_relay(), some_relay()).empty());
  CHECK(is_same_stream(some_relay(), some_relay()));
}

}  // namespace
}  // namespace sluice::proxy

#include "proxy/check/network.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;
using sluice::filters::Network;
using sluice::filters::NetworkList;

namespace {

NetworkFacts advertised(std::string host, std::uint16_t port, std::vector<std::string> addresses) {
  NetworkFacts facts;
  facts.advertise = {std::move(host), port};
  facts.resolved = std::move(addresses);
  return facts;
}

State listen_state(ListenFacts::Use use) {
  NetworkFacts facts;
  facts.listen = {{{"0.0.0.0", 3306}, use, "no such address"}};
  return named(judge_network(facts, rules_of(Cloud::azure)), "listen").state;
}

bool everything(std::vector<std::string_view> texts) {
  std::vector<Network> networks;
  for (const auto text : texts) networks.push_back(*Network::parse(text));
  return NetworkList(networks).is_everything();
}

}  // namespace

TEST_CASE("check network: addresses that the internet does not reach") {
  for (const auto* address : {"8.8.8.8", "20.50.1.2", "172.32.0.1", "2600::1", "::ffff:8.8.8.8"}) {
    CHECK_MESSAGE(why_not_public(address).empty(), address);
  }
  for (const auto* address :
       {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "127.0.0.1", "169.254.1.1",
        "100.64.0.1", "0.0.0.0", "192.0.2.1", "224.0.0.1", "255.255.255.255", "::1", "fd00::1",
        "fe80::1", "2001:db8::1", "::ffff:10.0.0.1", "nonsense"}) {
    CHECK_MESSAGE(!why_not_public(address).empty(), address);
  }
}

TEST_CASE("check network: the advertised address") {
  const auto judged = [](const NetworkFacts& facts, Cloud cloud = Cloud::azure) {
    return named(judge_network(facts, rules_of(cloud)), "advertise");
  };
  CHECK(judged({}).state == State::skip);
  CHECK(judged(advertised("s.example.com", 3306, {"20.50.1.2"})).state == State::ok);
  const auto inside = advertised("s.example.com", 3306, {"20.50.1.2", "10.0.0.5"});
  CHECK(judged(inside).state == State::warn);
  CHECK(contains(judged(inside).reason, "10.0.0.5 (private, RFC 1918)"));
  CHECK(judged(inside, Cloud::mysql).state == State::ok);
  CHECK(judged(advertised("20.50.1.2", 3306, {"20.50.1.2"})).reason == "20.50.1.2");
  CHECK(judged(advertised("2001:DB8::5", 3306, {"2001:db8::5"})).reason ==
        "2001:DB8::5 (for documentation, RFC 3849): reached from outside through a VPN or peering "
        "only");
  auto nowhere = advertised("nowhere.invalid", 3306, {});
  nowhere.resolve_error = "Host not found";
  CHECK(judged(nowhere).state == State::fail);
}

TEST_CASE("check network: the port") {
  const auto judged = [](std::uint16_t port, Cloud cloud) {
    return named(judge_network(advertised("s", port, {"20.50.1.2"}), rules_of(cloud)), "port")
        .state;
  };
  CHECK(judged(3306, Cloud::azure) == State::ok);
  CHECK(judged(3307, Cloud::azure) == State::warn);
  CHECK(judged(3307, Cloud::rds) == State::ok);
}

TEST_CASE("check network: the whole world") {
  CHECK(everything({}));
  CHECK(everything({"0.0.0.0/0"}));
  CHECK(everything({"10.0.0.0/8", "::/0"}));
  CHECK_FALSE(everything({"10.0.0.0/8", "::1"}));
  NetworkFacts facts;
  CHECK(named(judge_network(facts, rules_of(Cloud::azure)), "allow").state == State::ok);
  facts.allows_everybody = true;
  CHECK(named(judge_network(facts, rules_of(Cloud::azure)), "allow").state == State::warn);
  using Use = ListenFacts::Use;
  facts.listen = {{{"127.0.0.1", 3306}, Use::unused, {}}, {{"::1", 3306}, Use::unused, {}}};
  CHECK(named(judge_network(facts, rules_of(Cloud::azure)), "allow").state == State::ok);
  facts.listen.push_back({{"0.0.0.0", 3307}, Use::unused, {}});
  CHECK(named(judge_network(facts, rules_of(Cloud::azure)), "allow").state == State::warn);
}

TEST_CASE("check network: listening addresses") {
  using Use = ListenFacts::Use;
  CHECK(listen_state(Use::unused) == State::ok);
  CHECK(listen_state(Use::ours) == State::ok);
  CHECK(listen_state(Use::masterless) == State::skip);
  CHECK(listen_state(Use::unclear) == State::skip);
  CHECK(listen_state(Use::other) == State::fail);
  CHECK(listen_state(Use::refused) == State::fail);
  NetworkFacts facts;
  facts.listen = {{{"0.0.0.0", 443}, Use::refused, "Permission denied"}};
  const auto remedy = [&facts] {
    return named(judge_network(facts, rules_of(Cloud::azure)), "listen");
  };
  CHECK(advises(remedy(), "ip address"));
  facts.listen.front().privileged = true;
  CHECK(advises(remedy(), "CAP_NET_BIND_SERVICE"));
  CHECK_FALSE(advises(remedy(), "ip address"));
  CHECK(local_address({"0.0.0.0", 1}) == "127.0.0.1");
  CHECK(local_address({"::", 1}) == "::1");
  CHECK(local_address({"10.0.0.5", 1}) == "10.0.0.5");
}

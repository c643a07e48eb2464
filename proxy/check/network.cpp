#include "proxy/check/network.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "proxy/base/list_text.hpp"
#include "proxy/cli/shell_word.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::uint16_t usual_port = 3306;

struct Range {
  std::string_view network;
  std::string_view name;
};
// The IANA registries of special-purpose addresses.
constexpr std::array<Range, 16> special_ranges{{
    {"10.0.0.0/8", "private, RFC 1918"},
    {"172.16.0.0/12", "private, RFC 1918"},
    {"192.168.0.0/16", "private, RFC 1918"},
    {"127.0.0.0/8", "loopback"},
    {"169.254.0.0/16", "link-local, RFC 3927"},
    {"100.64.0.0/10", "shared by a provider's customers, RFC 6598"},
    {"0.0.0.0/8", "no address of a host"},
    {"192.0.2.0/24", "for documentation, RFC 5737"},
    {"198.51.100.0/24", "for documentation, RFC 5737"},
    {"203.0.113.0/24", "for documentation, RFC 5737"},
    {"198.18.0.0/15", "for benchmarks, RFC 2544"},
    {"224.0.0.0/3", "multicast or reserved"},
    {"::1", "loopback"},
    {"fc00::/7", "private, RFC 4193"},
    {"fe80::/10", "link-local, RFC 4291"},
    {"2001:db8::/32", "for documentation, RFC 3849"},
}};

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) add_to_list(text, item);
  return text;
}

Requirement judge_port(const NetworkFacts& facts, const CloudRules& cloud) {
  Requirement found{"port", State::skip, "no advertise", {}, cloud.source};
  if (!facts.advertise) return found;
  found.state = State::ok;
  found.reason = std::to_string(facts.advertise->port);
  if (!cloud.port_3306 || facts.advertise->port == usual_port) return found;
  found.state = State::warn;
  found.reason += ": " + std::string(cloud.name) + " asks for 3306 in both directions";
  found.remedy = {"[[relay]]", "listen = [\"0.0.0.0:3306\"]",
                  "advertise = \"" + facts.advertise->host + ":3306\""};
  return found;
}

Requirement judge_allow(const NetworkFacts& facts) {
  if (!facts.allows_everybody) {
    return {"allow", State::ok, "some networks only", {}, "Sluice"};
  }
  const bool here_only = !facts.listen.empty() &&
                         std::ranges::all_of(facts.listen, is_loopback, &ListenFacts::address);
  if (here_only) {
    return {"allow",
            State::ok,
            "everybody, on this machine: it listens on loopback alone",
            {},
            "Sluice"};
  }
  return {
      "allow",
      State::warn,
      "the whole world may connect and try passwords",
      {"[relay.replica]", "allow = [\"20.50.0.0/16\", \"127.0.0.1\"]   # where replicas come from"},
      "Sluice"};
}

Requirement judge_listen(const ListenFacts& facts) {
  Requirement found{"listen", State::ok, to_text(facts.address), {}, "Sluice"};
  switch (facts.use) {
    case ListenFacts::Use::unused:
      found.reason += " is free";
      break;
    case ListenFacts::Use::ours:
      found.reason += ": Sluice listens there";
      break;
    case ListenFacts::Use::masterless:
      found.state = State::skip;
      found.reason += " is in use, by Sluice, which has not reached its master yet";
      break;
    case ListenFacts::Use::unclear:
      found.state = State::skip;
      found.reason +=
          " is in use, by a server that lets nobody in from this machine, or has no room now";
      break;
    case ListenFacts::Use::other:
      found.state = State::fail;
      found.reason += " is in use by another program, or by Sluice with another certificate";
      found.remedy = {"ss -ltnp 'sport = :" + std::to_string(facts.address.port) + "'",
                      "systemctl reload sluice   # if it is Sluice before the new certificate"};
      break;
    case ListenFacts::Use::refused:
      found.state = State::fail;
      found.reason += " cannot be listened on: " + facts.error;
      if (facts.privileged) {
        found.remedy = {"# in sluice.service (PrivateUsers=no belongs to it):",
                        "AmbientCapabilities=CAP_NET_BIND_SERVICE",
                        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"};
      } else {
        found.remedy = {"ip address"};
      }
      break;
  }
  return found;
}

}  // namespace

std::string_view why_not_public(const std::string& address) {
  boost::system::error_code error;
  auto parsed = boost::asio::ip::make_address(address, error);
  if (error) return "no address";
  if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) {
    parsed = make_address_v4(boost::asio::ip::v4_mapped, parsed.to_v6());
  }
  const auto v4 = parsed.is_v4() ? parsed.to_v4().to_bytes() : std::array<unsigned char, 4>{};
  const auto v6 = parsed.is_v6() ? parsed.to_v6().to_bytes() : std::array<unsigned char, 16>{};
  const Bytes bytes = parsed.is_v4() ? Bytes(v4) : Bytes(v6);
  for (const Range& range : special_ranges) {
    if (filters::Network::parse(range.network)->contains(bytes)) return range.name;
  }
  return {};
}

Requirement judge_advertise(const NetworkFacts& facts, const CloudRules& cloud) {
  Requirement found{"advertise", State::skip, {}, {}, cloud.source};
  if (!facts.advertise) {
    found.reason = "not configured: how do replicas find this relay?";
    found.remedy = {"[[relay]]", "advertise = \"sluice.example.com:3306\""};
    return found;
  }
  const std::string& host = facts.advertise->host;
  if (facts.resolved.empty()) {
    found.state = State::fail;
    found.reason = host + " has no address: " + facts.resolve_error;
    found.remedy = {"getent ahosts " + shell_word(host)};
    return found;
  }
  const bool is_name = !is_address(host);
  found.state = State::ok;
  found.reason = is_name ? host + " is " + listed(facts.resolved) : host;
  if (!cloud.public_address) return found;
  for (const std::string& address : facts.resolved) {
    const std::string_view why = why_not_public(address);
    if (why.empty()) continue;
    found.state = State::warn;
    found.reason = host;
    if (is_name) found.reason.append(" is ").append(address);
    found.reason.append(" (").append(why).append(
        "): reached from outside through a VPN or peering only");
    found.remedy = {"# a public address for this machine, or one that is forwarded to it, and:",
                    "[[relay]]", "advertise = \"PUBLIC-NAME:3306\""};
    break;
  }
  return found;
}

Findings judge_network(const NetworkFacts& facts, const CloudRules& cloud) {
  Findings found{judge_advertise(facts, cloud), judge_port(facts, cloud), judge_allow(facts)};
  for (const ListenFacts& one : facts.listen) found.push_back(judge_listen(one));
  return found;
}

}  // namespace sluice::proxy::check

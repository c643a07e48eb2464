// How replicas get at Sluice: the advertised address, who may connect, and the listening ports.
#pragma once

#include <optional>

#include "proxy/check/cloud.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy::check {

struct ListenFacts {
  enum class Use : std::uint8_t {
    unused,      ///< nobody listens there
    ours,        ///< Sluice, with this configuration's certificate
    masterless,  ///< Sluice, which greets nobody before it has reached its master
    unclear,     ///< a server that lets nobody in from here, or nobody now
    other,       ///< another program, or Sluice with another certificate
    refused,     ///< the system does not let one listen there
  };

  ListenAddress address;
  Use use = Use::unused;
  std::string error;        ///< with `refused`, and what helps
  bool privileged = false;  ///< with `refused`: because of the port, which is below 1024
};

struct NetworkFacts {
  std::optional<PublicAddress> advertise;
  std::vector<std::string> resolved;  ///< addresses of advertise
  std::string resolve_error;          ///< not empty: there are none
  bool allows_everybody = false;
  std::vector<ListenFacts> listen;
};

[[nodiscard]] Findings judge_network(const NetworkFacts& facts, const CloudRules& cloud);
/// Of that, what concerns the address that replicas are told.
[[nodiscard]] Requirement judge_advertise(const NetworkFacts& facts, const CloudRules& cloud);

/// Why a numeric address cannot be reached over the internet, "private, RFC 1918"; empty: it can.
[[nodiscard]] std::string_view why_not_public(const std::string& address);

/// Looks the advertised name up.
[[nodiscard]] NetworkFacts look_up_advertise(const RelayConfig& relay);

/// The same, and tries each listening address; what listens there is asked for its
/// certificate, as a replica's first steps.
[[nodiscard]] NetworkFacts look_at_network(const RelayConfig& relay);

/// Where a listening address is reached from this machine: 0.0.0.0 is 127.0.0.1.
[[nodiscard]] std::string local_address(const ListenAddress& address);

/// Whether one of the networks, of which there is at least one, contains it. `address`: numeric.
[[nodiscard]] bool is_in(const std::string& address, const filters::NetworkList& networks);

/// Whether the relay wants a PROXY header from who connects from this machine.
[[nodiscard]] bool wants_proxy_header(const RelayConfig& relay, const ListenAddress& address);

}  // namespace sluice::proxy::check

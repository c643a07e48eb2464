// The PROXY protocol, versions 1 and 2: a load balancer puts a header before each connection, so
// that the server learns where it comes from (haproxy.org, doc/proxy-protocol.txt).
#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <optional>
#include <string>

#include "protocol/bytes.hpp"

namespace sluice::wire {

struct ProxyHeader {
  struct Address {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;  ///< 4 or 16, of `bytes`
    std::uint16_t port = 0;

    [[nodiscard]] Bytes address() const { return Bytes(bytes).first(size); }
    bool operator==(const Address&) const = default;
  };
  /// Both of the same family.
  struct Ends {
    Address source, destination;
    bool operator==(const Ends&) const = default;
  };

  /// nullopt: the connection is the balancer's own, as for a health check (LOCAL), or it does not
  /// tell of whom it is (UNKNOWN, families other than TCP over IPv4 and IPv6).
  std::optional<Ends> ends;
  bool operator==(const ProxyHeader&) const = default;
};

/// The most that a header may be, in bytes, with all that stands behind the addresses (version 2).
constexpr std::size_t max_proxy_header = 4096;

/// How many bytes that have not come yet belong to the header for certain: nothing behind it may be
/// read with it. 0: it is complete, or none at all.
[[nodiscard]] std::size_t missing_of_proxy_header(Bytes received);

/// The error is a phrase for the log.
[[nodiscard]] boost::system::result<ProxyHeader, std::string> parse_proxy_header(Bytes header);

}  // namespace sluice::wire

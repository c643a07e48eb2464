// Values that TOML has no type for, from their text.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

/// Why a value is refused: the end of a sentence that begins with the key.
struct Refused {
  Refused() = default;
  Refused(std::string_view value, std::string_view reason)
      : why("'" + std::string(value) + "' " + std::string(reason)) {}
  /// Where it is no value of a key that is refused.
  [[nodiscard]] static Refused because(std::string reason) {
    Refused refused;
    refused.why = std::move(reason);
    return refused;
  }

  std::string why;
};

template <typename T>
using Parsed = boost::system::result<T, Refused>;

/// "500ms", "10s", "5m", "2h".
[[nodiscard]] Parsed<Duration> parse_duration(std::string_view text);

/// The shortest text that parse_duration() reads as `duration`.
[[nodiscard]] std::string to_text(Duration duration);

/// "512KiB", "64MiB", "1GiB": in bytes.
[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text);

/// "0.0.0.0:3306", "[::1]:3306". Names are not looked up: what is listened on must be certain.
[[nodiscard]] Parsed<ListenAddress> parse_listen_address(std::string_view text);

/// As parse_listen_address() reads it.
[[nodiscard]] std::string to_text(const ListenAddress& address);

/// "sluice.example.com:3306", "203.0.113.7", "[2001:db8::7]:3307": what replicas are told. Without
/// a port it is 3306.
[[nodiscard]] Parsed<PublicAddress> parse_public_address(std::string_view text);
/// With its port, as parse_public_address() reads it.
[[nodiscard]] std::string to_text(const PublicAddress& address);

/// Whether both cannot be listened on: the same port, and the same address or one of them all
/// addresses of the same family.
[[nodiscard]] bool overlap(const ListenAddress& a, const ListenAddress& b);

/// Whether it is reached from this machine only.
[[nodiscard]] bool is_loopback(const ListenAddress& address);

/// A name that stands in log lines and metrics: letters, digits, `.`, `_` and `-`.
[[nodiscard]] Parsed<std::string> parse_relay_name(std::string_view text);

/// Whether it is a numeric address, and no name.
[[nodiscard]] bool is_address(const std::string& host);

/// A host name or a numeric address, without port and brackets.
[[nodiscard]] Parsed<std::string> parse_host(std::string_view text);

}  // namespace sluice::proxy

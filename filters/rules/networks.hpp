// Lists of IP networks, such as those that may connect.
#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.hpp"

namespace sluice::filters {

/// An address or a network in CIDR notation. IPv4 is kept as v4-mapped IPv6, so that a client of a
/// dual-stack socket (::ffff:10.0.0.1) is the same as 10.0.0.1.
class Network {
 public:
  /// "20.50.0.0/16", "127.0.0.1", "::1", "2001:db8::/32". Bits set behind the prefix are an error
  /// that names the network that was probably meant: 20.50.1.0/16 may be a slip in either half.
  static boost::system::result<Network, std::string> parse(std::string_view text);

  /// `address`: 4 or 16 bytes, network order; anything else is in no network.
  [[nodiscard]] bool contains(Bytes address) const;
  /// "20.50.0.0/16", "2001:db8::1/128".
  [[nodiscard]] std::string to_text() const;
  /// 0.0.0.0/0 or ::/0.
  [[nodiscard]] bool is_everything() const;
  bool operator==(const Network&) const = default;

 private:
  Network(std::array<std::uint8_t, 16> address, unsigned prefix)
      : address_(address), prefix_(prefix) {}

  std::array<std::uint8_t, 16> address_;
  unsigned prefix_;  // of the 128 bits
};

class NetworkList {
 public:
  /// An empty list contains every address: nothing was restricted.
  NetworkList() = default;
  explicit NetworkList(std::vector<Network> networks) : networks_(std::move(networks)) {}

  [[nodiscard]] bool contains(Bytes address) const;
  [[nodiscard]] const std::vector<Network>& networks() const { return networks_; }
  /// Whether it contains every address of IPv4 or of IPv6, by one network.
  [[nodiscard]] bool is_everything() const;
  bool operator==(const NetworkList&) const = default;

 private:
  std::vector<Network> networks_;
};

}  // namespace sluice::filters

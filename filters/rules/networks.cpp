#include "filters/rules/networks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace sluice::filters {
namespace {

using Address = std::array<std::uint8_t, 16>;
constexpr std::size_t v4_offset = 12;
constexpr unsigned v4_prefix = 96;

bool is_v4_mapped(const Address& address) {
  return std::all_of(address.begin(), address.begin() + 10, [](auto b) { return b == 0; }) &&
         address[10] == 0xFF && address[11] == 0xFF;
}

Address map_v4(const std::uint8_t* bytes) {
  Address address{};
  address[10] = address[11] = 0xFF;
  std::copy_n(bytes, 4, address.begin() + v4_offset);
  return address;
}

std::optional<Address> parse_address(const std::string& text, bool is_v4) {
  Address address{};
  if (!is_v4) {
    return inet_pton(AF_INET6, text.c_str(), address.data()) == 1 ? std::optional(address)
                                                                  : std::nullopt;
  }
  std::array<std::uint8_t, 4> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return map_v4(bytes.data());
}

/// The address with the bits behind the prefix cleared.
Address masked(Address address, unsigned prefix) {
  for (unsigned i = 0; i < address.size(); ++i) {
    const unsigned kept = prefix > i * 8 ? std::min(8U, prefix - i * 8) : 0;
    address[i] = static_cast<std::uint8_t>(address[i] & (0xFF00U >> kept));
  }
  return address;
}

std::string format(const Address& address, bool is_v4) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const std::uint8_t* bytes = address.data() + (is_v4 ? v4_offset : 0);
  inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  return text.data();
}

}  // namespace

boost::system::result<Network, std::string> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const std::string host(text.substr(0, slash));
  const bool is_v4 = host.find(':') == std::string::npos;
  const auto address = parse_address(host, is_v4);
  if (!address) {
    return "\"" + std::string(text) +
           "\" is no network: write an IP address such as 10.0.0.5 or ::1, or a network such as "
           "20.50.0.0/16 or 2001:db8::/32";
  }
  if (slash == std::string_view::npos) return Network(*address, 128);

  const unsigned longest = is_v4 ? 32 : 128;
  const auto digits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || prefix > longest) {
    return "\"" + std::string(text) + "\" has no prefix length from 0 to " +
           std::to_string(longest) + " behind the slash";
  }
  const unsigned bits = is_v4 ? v4_prefix + prefix : prefix;
  const Address network = masked(*address, bits);
  if (network != *address) {
    const auto length = "/" + std::to_string(prefix);
    return "\"" + std::string(text) + "\" has address bits set behind its prefix: the network is " +
           format(network, is_v4) + length + "; for the one address write " + host;
  }
  return Network(network, bits);
}

std::string Network::to_text() const {
  const bool is_v4 = prefix_ >= v4_prefix && is_v4_mapped(address_);
  return format(address_, is_v4) + "/" + std::to_string(is_v4 ? prefix_ - v4_prefix : prefix_);
}

bool Network::contains(Bytes address) const {
  Address whole{};
  if (address.size() == 4) {
    whole = map_v4(address.data());
  } else if (address.size() == whole.size()) {
    std::copy(address.begin(), address.end(), whole.begin());
  } else {
    return false;
  }
  // ::/0 is every IPv6 address, and not every IPv4 one as well.
  if (prefix_ < v4_prefix && is_v4_mapped(whole)) return false;
  return masked(whole, prefix_) == address_;
}

bool Network::is_everything() const {
  return prefix_ == 0 || *this == Network(map_v4(std::array<std::uint8_t, 4>{}.data()), v4_prefix);
}

bool NetworkList::is_everything() const {
  return networks_.empty() || std::any_of(networks_.begin(), networks_.end(),
                                          [](const Network& n) { return n.is_everything(); });
}

bool NetworkList::contains(Bytes address) const {
  return networks_.empty() || std::any_of(networks_.begin(), networks_.end(),
                                          [&](const Network& n) { return n.contains(address); });
}

}  // namespace sluice::filters

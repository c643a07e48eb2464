#include "proxy/config/config_values.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "protocol/ascii.hpp"
#include "proxy/base/list_text.hpp"

namespace sluice::proxy {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

struct SizeUnit {
  std::string_view name;
  unsigned bits;
};
constexpr std::array<SizeUnit, 3> size_units{{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};

template <typename T>
std::optional<T> to_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// So that two spellings of an address are one (RFC 5952).
std::string canonical(const in6_addr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return text.data();
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto* unit = std::ranges::find(units, text.substr(digits), &Unit::name);
  const auto count = to_number<std::int32_t>(text.substr(0, digits));
  if (unit == units.end() || !count) {
    return Refused(text, "is not a duration such as '500ms', '10s', '5m' or '2h'");
  }
  return Duration(*count * unit->milliseconds);
}

std::string to_text(const ListenAddress& address) {
  return host_and_port(address.address, address.port);
}

std::string to_text(Duration duration) {
  for (const Unit& unit : units) {
    if (duration.count() != 0 && duration.count() % unit.milliseconds == 0) {
      return std::to_string(duration.count() / unit.milliseconds) + std::string(unit.name);
    }
  }
  return "0s";
}

Parsed<std::uint64_t> parse_size(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto* unit = std::ranges::find(size_units, text.substr(digits), &SizeUnit::name);
  const auto count = to_number<std::uint32_t>(text.substr(0, digits));
  if (unit == size_units.end() || !count) {
    return Refused(text, "is not a size such as '512KiB', '64MiB' or '1GiB'");
  }
  return std::uint64_t{*count} << unit->bits;
}

Parsed<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refused = [text](std::string_view reason) {
    return Refused(text, "is not an address and a port such as '0.0.0.0:3306' or '[::]:3306'" +
                             std::string(reason));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refused("");
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress address{std::string(host), 0};
  if (bracketed ? !is_ipv6(address.address) : !is_ipv4(address.address)) {
    if (is_ipv6(std::string(text))) return refused("");
    return refused(": '" + std::string(host) + "' is not a numeric address");
  }
  if (bracketed) {
    in6_addr bytes{};
    inet_pton(AF_INET6, address.address.c_str(), &bytes);
    if (IN6_IS_ADDR_V4MAPPED(&bytes))
      return refused(": say this address as IPv4, without brackets");
    if (IN6_IS_ADDR_LINKLOCAL(&bytes))
      return refused(": a link-local address is none without its interface");
    address.address = canonical(bytes);
  }
  const auto port = to_number<std::uint16_t>(text.substr(colon + 1));
  if (!port || *port == 0) return refused(": the port must be between 1 and 65535");
  address.port = *port;
  return address;
}

Parsed<PublicAddress> parse_public_address(std::string_view text) {
  constexpr std::string_view wanted =
      "is not a name or address, with a port behind it or not, such as 'sluice.example.com:3306'";
  PublicAddress address;
  std::string_view host = text;
  const std::size_t colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  if (colon != std::string_view::npos && (bracketed ? text[colon - 1] == ']' : true) &&
      !is_ipv6(std::string(text))) {
    const auto port = to_number<std::uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0) {
      return Refused(text, std::string(wanted) + ": the port must be between 1 and 65535");
    }
    address.port = *port;
    host = text.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(std::string(host))) return Refused(text, wanted);
  } else if (bracketed) {
    return Refused(text, wanted);
  }
  auto parsed = parse_host(host);
  if (!parsed) return Refused(text, wanted);
  address.host = *std::move(parsed);
  return address;
}

std::string to_text(const PublicAddress& address) {
  return to_text(ListenAddress{address.host, address.port});
}

bool overlap(const ListenAddress& a, const ListenAddress& b) {
  if (a.port != b.port || is_ipv4(a.address) != is_ipv4(b.address)) return false;
  const auto is_any = [](const std::string& address) {
    return address == "0.0.0.0" || address == "::";
  };
  return a.address == b.address || is_any(a.address) || is_any(b.address);
}

bool is_loopback(const ListenAddress& address) {
  return address.address == "::1" || address.address.starts_with("127.");
}

Parsed<std::string> parse_relay_name(std::string_view text) {
  const bool valid = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
  if (!valid) return Refused(text, "is not 1 to 64 letters, digits, '.', '_' or '-'");
  return std::string(text);
}

bool is_address(const std::string& host) {
  return is_ipv4(host) || is_ipv6(host);
}

Parsed<std::string> parse_host(std::string_view text) {
  std::string host(text);
  if (is_address(host)) return host;
  const bool valid = !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
  if (valid) return host;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']' &&
      is_ipv6(host.substr(1, host.size() - 2))) {
    return Refused(text, "stands in brackets: say this address without them");
  }
  const bool has_port = host.find(':') != std::string::npos;
  return Refused(text, has_port
                           ? "is not a host name or address (the port has a key of its own, 'port')"
                           : "is not a host name or address");
}

}  // namespace sluice::proxy

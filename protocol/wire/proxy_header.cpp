#include "protocol/wire/proxy_header.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace sluice::wire {
namespace {

constexpr std::array<std::uint8_t, 12> signature = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                    0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t binary_start = 16;  // signature, command, family, length
constexpr std::string_view text_start = "PROXY ";
constexpr std::size_t max_text = 107;

enum class Version { none, one, two };

/// By what there is of it: each is longer than what tells them apart.
Version version_of(Bytes received) {
  const auto begins = [received](Bytes start) {
    const std::size_t size = std::min(received.size(), start.size());
    return std::ranges::equal(received.first(size), start.first(size));
  };
  if (begins(signature)) return Version::two;
  return begins(as_bytes(text_start)) ? Version::one : Version::none;
}

std::size_t binary_size(Bytes header) {
  return binary_start + (std::size_t{header[14]} << 8 | std::size_t{header[15]});
}

using Result = boost::system::result<ProxyHeader, std::string>;

Result parse_binary(Bytes header) {
  if (header.size() < binary_start) return "a PROXY header that is cut off";
  if (header.size() != binary_size(header)) return "a PROXY header of a wrong length";
  const std::uint8_t command = header[12];
  const std::uint8_t family = header[13];
  if (command == 0x20) return ProxyHeader{};
  if (command != 0x21) return "a PROXY header with an unknown version or command";
  if (family != 0x11 && family != 0x21) return ProxyHeader{};
  const std::size_t size = family == 0x11 ? 4 : 16;
  const Bytes addresses = header.subspan(binary_start);
  if (addresses.size() < 2 * size + 4) return "a PROXY header that is too short for its addresses";
  const auto end = [&](std::size_t i) {
    ProxyHeader::Address address;
    address.size = size;
    std::ranges::copy(addresses.subspan(i * size, size), address.bytes.begin());
    const Bytes port = addresses.subspan(2 * size + i * 2, 2);
    address.port = static_cast<std::uint16_t>(port[0] << 8 | port[1]);
    return address;
  };
  return ProxyHeader{ProxyHeader::Ends{end(0), end(1)}};
}

/// The next word, without the one blank behind it.
std::string take_word(std::string_view& line) {
  const std::size_t end = line.find(' ');
  std::string word(line.substr(0, end));
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

bool take_address(std::string_view& line, std::size_t size, ProxyHeader::Address& address) {
  address.size = size;
  const std::string word = take_word(line);
  // The function reads up to the first of these.
  if (word.find('\0') != std::string::npos) return false;
  return ::inet_pton(size == 4 ? AF_INET : AF_INET6, word.c_str(), address.bytes.data()) == 1;
}

bool take_port(std::string_view& line, ProxyHeader::Address& address) {
  const std::string word = take_word(line);
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, address.port);
  return error == std::errc() && rest == end;
}

Result parse_text(std::string_view header) {
  if (!header.starts_with(text_start) || !header.ends_with("\r\n")) {
    return "a PROXY header without an end";
  }
  std::string_view line = header.substr(text_start.size(), header.size() - text_start.size() - 2);
  const std::string family = take_word(line);
  if (family == "UNKNOWN") return ProxyHeader{};
  if (family != "TCP4" && family != "TCP6") return "a PROXY header of an unknown family";
  const std::size_t size = family == "TCP4" ? 4 : 16;
  ProxyHeader::Ends ends;
  if (!take_address(line, size, ends.source) || !take_address(line, size, ends.destination) ||
      !take_port(line, ends.source) || !take_port(line, ends.destination) || !line.empty()) {
    return "a PROXY header with wrong addresses";
  }
  return ProxyHeader{ends};
}

}  // namespace

std::size_t missing_of_proxy_header(Bytes received) {
  const Version version = version_of(received);
  // The shortest is longer.
  if (version != Version::none && received.size() < signature.size()) {
    return signature.size() - received.size();
  }
  switch (version) {
    case Version::two: {
      if (received.size() < binary_start) return binary_start - received.size();
      const std::size_t size = binary_size(received);
      return size > max_proxy_header || size <= received.size() ? 0 : size - received.size();
    }
    case Version::one: {
      const std::string_view text = as_text(received);
      if (text.size() >= max_text || text.find('\n') != std::string_view::npos) return 0;
      return std::min<std::size_t>(max_text - text.size(), text.ends_with('\r') ? 1 : 2);
    }
    case Version::none:
      break;
  }
  return 0;
}

Result parse_proxy_header(Bytes header) {
  switch (version_of(header)) {
    case Version::two:
      return header.size() > max_proxy_header ||
                     (header.size() >= binary_start && binary_size(header) > max_proxy_header)
                 ? Result("a PROXY header that is too long")
                 : parse_binary(header);
    case Version::one:
      return parse_text(as_text(header));
    case Version::none:
      break;
  }
  return "something else than a PROXY header";
}

}  // namespace sluice::wire

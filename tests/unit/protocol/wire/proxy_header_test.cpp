#include "protocol/wire/proxy_header.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::wire;
using test::bytes_of;
using test::hex;

namespace {

constexpr const char* signature = "0d0a0d0a000d0a515549540a ";

Buffer binary(const std::string& rest) {
  return hex(signature + rest);
}

/// Reads as from a socket: only what is asked for.
Buffer read_from(Bytes sent) {
  Buffer received;
  while (const std::size_t missing = missing_of_proxy_header(received)) {
    if (received.size() + missing > sent.size()) break;
    const Bytes part = sent.subspan(received.size(), missing);
    received.insert(received.end(), part.begin(), part.end());
  }
  return received;
}

ProxyHeader parsed(Bytes header) {
  const auto result = parse_proxy_header(header);
  if (!result) FAIL(result.error());
  return *result;
}

std::string error_of(Bytes header) {
  const auto result = parse_proxy_header(header);
  return result ? "" : result.error();
}

ProxyHeader::Address v4(std::array<std::uint8_t, 4> bytes, std::uint16_t port) {
  ProxyHeader::Address address{{}, 4, port};
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

}  // namespace

TEST_CASE("PROXY header: the examples of its specification") {
  const ProxyHeader::Ends ends{v4({192, 168, 0, 1}, 56324), v4({192, 168, 0, 11}, 443)};
  const Buffer text = bytes_of("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  CHECK(parsed(text).ends == ends);
  CHECK(parsed(binary("21 11 000c c0a80001 c0a8000b dc04 01bb")).ends == ends);

  // The longest there may be.
  const Buffer longest = bytes_of(
      "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
      "65535 65535\r\n");
  const auto widest = parsed(longest).ends;
  REQUIRE(widest);
  CHECK(widest->source.size == 16);
  CHECK(widest->source.bytes[15] == 0xff);
  CHECK(widest->destination.port == 65535);
  CHECK(
      parsed(binary("21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 "
                    "0001 0cea"))
          .ends->destination.port == 3306);
}

TEST_CASE("PROXY header: a connection of the balancer's own, and one of which it knows nothing") {
  for (const auto& header :
       {bytes_of("PROXY UNKNOWN\r\n"), bytes_of("PROXY UNKNOWN ::1 ::1 65535 65535\r\n"),
        binary("20 00 0000"), binary("20 11 000c c0a80001 c0a8000b dc04 01bb"),
        // of a Unix socket, over UDP, unspecified
        binary("21 31 0002 0000"), binary("21 12 000c c0a80001 c0a8000b dc04 01bb"),
        binary("21 00 0000")}) {
    CHECK(read_from(header) == header);
    CHECK_FALSE(parsed(header).ends);
  }
}

TEST_CASE(
    "PROXY header: what stands behind the addresses belongs to it, and nothing more is read") {
  // An authority and a checksum, as load balancers send them (type, length, value).
  const Buffer header =
      binary("21 11 001d c0a80001 c0a8000b dc04 01bb 02 0007 6578616d706c65 03 0004 12345678");
  for (Buffer sent : {header, bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
                      bytes_of("PROXY UNKNOWN\r\n"), binary("20 00 0000")}) {
    const Buffer whole = sent;
    for (const std::uint8_t next : hex("160301020001000000000000000000000d0a"))
      sent.push_back(next);
    CHECK(read_from(sent) == whole);
    CHECK(error_of(whole).empty());
    test::for_each_truncation(whole, [](Bytes part) {
      CHECK(missing_of_proxy_header(part) > 0);
      CHECK_FALSE(error_of(part).empty());
    });
  }
  CHECK(parsed(header).ends->source == v4({192, 168, 0, 1}, 56324));
}

TEST_CASE("PROXY header: what is none, or a wrong one") {
  const std::pair<Buffer, const char*> cases[] = {
      {{}, "cut off"},
      {bytes_of("GET / HTTP/1.1\r\n\r\n"), "something else"},
      {hex("1603010200010000000000000000"), "something else"},
      {hex("0d0a0d0a000d0a515549540b 21110000"), "something else"},
      {binary("22 11 000c c0a80001 c0a8000b dc04 01bb"), "version or command"},
      {binary("11 11 000c c0a80001 c0a8000b dc04 01bb"), "version or command"},
      {binary("21 11 000b c0a80001 c0a8000b dc04 01"), "too short"},
      {binary("21 21 000c c0a80001 c0a8000b dc04 01bb"), "too short"},
      {binary("21 11 fff0"), "too long"},
      {bytes_of("PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n"), "family"},
      {bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8 -1 2\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8  1 2\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 ::1 ::1 1 2\r\n"), "wrong addresses"},
      {bytes_of(std::string("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n", 34)), "wrong addresses"},
      {bytes_of("PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n"), "wrong addresses"},
      {bytes_of("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\nmore"), "without an end"},
      {bytes_of("PROXY " + std::string(200, 'x')), "without an end"},
  };
  for (const auto& [sent, wanted] : cases) {
    const Buffer read = read_from(sent);
    CAPTURE(std::string(as_text(sent)));
    CHECK_MESSAGE(error_of(read).find(wanted) != std::string::npos, error_of(read));
    CHECK((read.empty() || missing_of_proxy_header(read) == 0));
  }
  // Only so much is read of what has no end.
  CHECK(read_from(bytes_of("PROXY " + std::string(200, 'x'))).size() == 107);
}

TEST_CASE("PROXY header: as long as it may be") {
  Buffer header = binary("21 11 0ff0 c0a80001 c0a8000b dc04 01bb");
  header.resize(max_proxy_header);
  CHECK(read_from(header) == header);
  CHECK(parsed(header).ends);
  header[15] = 0xf1;
  header.push_back(0);
  CHECK(missing_of_proxy_header(header) == 0);
  CHECK(error_of(header).find("too long") != std::string::npos);
}

#include "filters/rules/networks.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <string>

namespace sluice::filters {
namespace {

Buffer address(const std::string& text) {
  const bool v6 = text.find(':') != std::string::npos;
  Buffer bytes(v6 ? 16 : 4);
  REQUIRE(inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) == 1);
  return bytes;
}

TEST_CASE("networks contain the addresses of their prefix") {
  struct Row {
    const char* network;
    const char* address;
    bool contained;
  };
  for (const Row& row : {
           Row{"20.50.0.0/16", "20.50.0.0", true},
           Row{"20.50.0.0/16", "20.50.255.255", true},
           Row{"20.50.0.0/16", "20.51.0.0", false},
           Row{"20.50.0.0/16", "::ffff:20.50.1.2", true},
           Row{"20.50.0.0/16", "::20.50.1.2", false},
           Row{"10.1.2.128/25", "10.1.2.127", false},
           Row{"10.1.2.128/25", "10.1.2.200", true},
           Row{"127.0.0.1", "127.0.0.1", true},
           Row{"127.0.0.1", "127.0.0.2", false},
           Row{"0.0.0.0/0", "255.255.255.255", true},
           Row{"0.0.0.0/0", "2001:db8::1", false},
           Row{"::/0", "2001:db8::1", true},
           Row{"::/0", "10.0.0.1", false},
           Row{"::1", "::1", true},
           Row{"::1", "127.0.0.1", false},
           Row{"2001:db8::/33", "2001:db8:7fff::1", true},
           Row{"2001:db8::/33", "2001:db8:8000::1", false},
           Row{"::ffff:10.0.0.0/104", "10.255.0.1", true},
       }) {
    CAPTURE(row.network);
    CAPTURE(row.address);
    const auto network = Network::parse(row.network);
    REQUIRE(network.has_value());
    CHECK(network->contains(address(row.address)) == row.contained);
  }
}

TEST_CASE("what is no address is in no network") {
  const auto network = Network::parse("0.0.0.0/0");
  REQUIRE(network.has_value());
  for (const std::size_t size : {0U, 3U, 5U, 15U, 17U})
    CHECK_FALSE(network->contains(Buffer(size)));
}

TEST_CASE("malformed networks are refused with the reason") {
  for (const char* text : {"", "/8", "10.0.0", "10.0.0.1.2", "10.0.0.0/33", "10.0.0.0/",
                           "10.0.0.0/x", "10.0.0.0/8/8", "10.0.0.0/-1", "10.0.0.0/ 8", "::1/129",
                           "fe80::1%eth0", "example.com", " 10.0.0.1", ":::"}) {
    CAPTURE(text);
    CHECK(Network::parse(text).has_error());
  }
  CHECK(Network::parse("20.50.1.0/16").error() ==
        "\"20.50.1.0/16\" has address bits set behind its prefix: the network is 20.50.0.0/16; for "
        "the "
        "one address write 20.50.1.0");
  CHECK(Network::parse("2001:db8::1/32").error().find("2001:db8::/32") != std::string::npos);
}

TEST_CASE("an empty list restricts nothing") {
  CHECK(NetworkList().contains(address("10.0.0.1")));
  const NetworkList list({*Network::parse("10.0.0.0/8"), *Network::parse("::1")});
  CHECK(list.contains(address("10.0.0.1")));
  CHECK(list.contains(address("::1")));
  CHECK_FALSE(list.contains(address("11.0.0.1")));
}

}  // namespace
}  // namespace sluice::filters

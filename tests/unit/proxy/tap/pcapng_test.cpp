#include "proxy/tap/pcapng.hpp"

#include <doctest/doctest.h>

#include "unit/proxy/tap/tap_support.hpp"

using namespace sluice;
using namespace sluice::proxy::tap;

namespace {

TapEntry an_entry(PacketEntry packet, const char* replica = "10.0.0.1",
                  const char* sluice = "10.0.0.2") {
  using boost::asio::ip::make_address;
  SessionFacts facts{7, "orders", "", {make_address(replica), 40000}, {make_address(sluice), 999}};
  return {std::make_shared<const SessionFacts>(facts), {}, std::move(packet)};
}

std::string written(const TapEntry& entry) {
  PcapngWriter writer;
  std::string out;
  writer.append(entry, std::get<PacketEntry>(entry.what), out);
  return out;
}

std::uint64_t number(std::string_view block, std::size_t at) {
  return load_le<4>(as_bytes(block).data() + at);
}

}  // namespace

TEST_CASE("a file begins with its section and the interface") {
  const std::string head = PcapngWriter::head();
  CHECK(number(head, 0) == 0x0A0D0D0A);
  const std::size_t section = number(head, 4);
  CHECK(number(head, section - 4) == section);
  CHECK(number(head, section) == 1);
  CHECK(head.size() == section + number(head, section + 4));
}

TEST_CASE("a packet is a frame to or from MySQL's port") {
  const auto entry = an_entry({PacketKind::command, Direction::up, 5, 6, {1, 0, 0, 0, 0x0E, 0x0F}});
  const std::string block = written(entry);
  CHECK(number(block, 0) == 6);
  CHECK(number(block, 4) == block.size());
  CHECK(block.size() % 4 == 0);
  CHECK(number(block, 20) == 46);
  CHECK(number(block, 24) == 46);
  const Bytes ip = as_bytes(block).subspan(28, 46);
  CHECK(ip[0] == 0x45);
  CHECK(ip[20] * 256 + ip[21] == 40000);
  CHECK(ip[22] * 256 + ip[23] == 3306);
  CHECK(ip[27] == 6);  // the sequence number: one behind the offset
  CHECK(ip[44] == 0x0E);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += ip[i] * 256U + ip[i + 1];
  CHECK((sum & 0xFFFF) + (sum >> 16) == 0xFFFF);
}

TEST_CASE("IPv6, and what was left out") {
  const auto entry =
      an_entry({PacketKind::event, Direction::down, 0, 1000000, {1, 2, 3}}, "2001:db8::1", "::1");
  const std::string block = written(entry);
  CHECK(number(block, 20) == 63);
  CHECK(number(block, 24) == 60 + (32 << 10));
  CHECK(as_bytes(block)[28] == 0x60);
}

TEST_CASE("a large packet is several frames") {
  const auto entry = an_entry({PacketKind::event, Direction::down, 0, 70000, Buffer(70000)});
  const std::string out = written(entry);
  std::size_t frames = 0, bytes = 0;
  for (std::size_t at = 0; at < out.size(); at += number(out, at + 4)) {
    ++frames;
    bytes += number(out, at + 20) - 40;
  }
  CHECK(frames == 3);
  CHECK(bytes == 70000);
}

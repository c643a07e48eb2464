#include "proxy/tap/pcapng.hpp"

#include <algorithm>

namespace sluice::proxy::tap {
namespace {

using boost::asio::ip::tcp;

constexpr std::uint32_t section_header_block = 0x0A0D0D0A;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t packet_block = 6;
constexpr std::uint16_t user_application = 4;  // an option of the section
constexpr std::uint16_t link_type_raw = 101;   // begins with an IPv4 or IPv6 header

constexpr std::uint16_t mysql_port = 3306;
constexpr std::size_t tcp_header_size = 20;
constexpr std::size_t ipv4_header_size = 20;
constexpr std::uint8_t protocol_tcp = 6;
/// Of a frame, so that an IP packet can hold it.
constexpr std::size_t max_payload = std::size_t{32} << 10;
/// Acknowledgement numbers are there for the looks, and are not remembered without end.
constexpr std::size_t max_sessions = 10000;

/// Network byte order, as IP and TCP have it.
class NetworkWriter {
 public:
  explicit NetworkWriter(std::string& out) : out_(out) {}
  NetworkWriter& u8(unsigned value) {
    out_ += static_cast<char>(value);
    return *this;
  }
  NetworkWriter& u16(std::size_t value) { return u8((value >> 8) & 0xFF).u8(value & 0xFF); }
  NetworkWriter& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xFFFF); }
  template <typename Container>
  NetworkWriter& bytes(const Container& bytes) {
    for (const auto byte : bytes) out_ += static_cast<char>(byte);
    return *this;
  }

 private:
  std::string& out_;
};

std::uint16_t ipv4_checksum(std::string_view header) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < header.size(); i += 2) {
    sum += static_cast<std::uint32_t>(static_cast<unsigned char>(header[i])) << 8 |
           static_cast<unsigned char>(header[i + 1]);
  }
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::string ip_header(const tcp::endpoint& from, const tcp::endpoint& to, std::size_t size) {
  std::string header;
  NetworkWriter writer(header);
  if (from.address().is_v4() && to.address().is_v4()) {
    writer.u8(0x45).u8(0).u16(ipv4_header_size + size).u32(0x4000).u8(64).u8(protocol_tcp).u16(0);
    writer.bytes(from.address().to_v4().to_bytes()).bytes(to.address().to_v4().to_bytes());
    const auto checksum = ipv4_checksum(header);
    header[10] = static_cast<char>(checksum >> 8);
    header[11] = static_cast<char>(checksum & 0xFF);
    return header;
  }
  const auto bytes_of = [](const tcp::endpoint& endpoint) {
    return endpoint.address().is_v6() ? endpoint.address().to_v6().to_bytes()
                                      : boost::asio::ip::address_v6::bytes_type{};
  };
  writer.u32(0x60000000).u16(size).u8(protocol_tcp).u8(64);
  writer.bytes(bytes_of(from)).bytes(bytes_of(to));
  return header;
}

/// A block of a pcapng file, which has its length at both ends.
void append_block(std::uint32_t type, Bytes body, std::string& out) {
  const std::size_t padding = (4 - body.size() % 4) % 4;
  const std::size_t size = 12 + body.size() + padding;
  Buffer block;
  Writer(block).u32(type).u32(size).bytes(body).zeros(padding).u32(size);
  out += as_text(block);
}

}  // namespace

std::string PcapngWriter::head() {
  constexpr std::string_view program = "sluice " SLUICE_VERSION;
  std::string out;
  Buffer section;
  Writer(section)
      .u32(0x1A2B3C4D)  // the byte order
      .u16(1)
      .u16(0)
      .u64(UINT64_MAX)  // no length is known
      .u16(user_application)
      .u16(program.size())
      .text(program)
      .zeros((4 - program.size() % 4) % 4)
      .u32(0);
  append_block(section_header_block, section, out);
  Buffer interface;
  Writer(interface).u16(link_type_raw).u16(0).u32(0);  // microseconds, no limit of a packet's size
  append_block(interface_block, interface, out);
  return out;
}

void PcapngWriter::append(const TapEntry& entry, const PacketEntry& packet, std::string& out) {
  if (ends_.size() > max_sessions) ends_.clear();
  auto& end = ends_[entry.session->id].of_direction[static_cast<std::size_t>(packet.direction)];
  const bool whole = packet.bytes.size() == packet.size;
  Bytes rest = packet.bytes;
  std::uint64_t offset = packet.offset;
  do {
    const Bytes payload = rest.first(std::min(rest.size(), max_payload));
    const std::size_t size =
        whole ? payload.size()
              : static_cast<std::size_t>(std::min<std::uint64_t>(packet.size, max_payload));
    const auto sequence = static_cast<std::uint32_t>(offset + 1);
    append_frame(entry, packet.direction, sequence, payload, size, out);
    end = static_cast<std::uint32_t>(sequence + size);
    rest = rest.subspan(payload.size());
    offset += size;
  } while (!rest.empty());
}

void PcapngWriter::append_frame(const TapEntry& entry, Direction direction, std::uint32_t sequence,
                                Bytes payload, std::size_t size, std::string& out) {
  const bool up = direction == Direction::up;
  tcp::endpoint sluice = entry.session->sluice;
  sluice.port(mysql_port);
  const tcp::endpoint& from = up ? entry.session->replica : sluice;
  const tcp::endpoint& to = up ? sluice : entry.session->replica;
  const auto& ends = ends_[entry.session->id].of_direction;
  const std::uint32_t acknowledged =
      ends[static_cast<std::size_t>(up ? Direction::down : Direction::up)];

  std::string headers = ip_header(from, to, tcp_header_size + size);
  NetworkWriter(headers)
      .u16(from.port())
      .u16(to.port())
      .u32(sequence)
      .u32(std::max<std::uint32_t>(acknowledged, 1))
      .u16(0x5018)  // five words of header; PSH and ACK
      .u16(0xFFFF)
      .u32(0);
  const auto time = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(entry.time.time_since_epoch()).count());
  Buffer body;
  Writer(body)
      .u32(0)
      .u32(time >> 32)
      .u32(time & 0xFFFFFFFF)
      .u32(headers.size() + payload.size())
      .u32(headers.size() + size)
      .text(headers)
      .bytes(payload);
  append_block(packet_block, body, out);
}

}  // namespace sluice::proxy::tap

// Real replicas and masters, compressed (made by tests/data/compressed/record.py): our sides stand
// in for either.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "protocol/wire/command.hpp"
#include "protocol/wire/compressed_stream.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response_reader.hpp"
#include "unit/protocol/wire/compressed_support.hpp"
#include "unit/test_data.hpp"

using namespace sluice;
using namespace sluice::wire;

namespace {

struct Conversation {
  std::string name;  // "mysql-9.7-zstd-semisync"
  Buffer up, down;
  [[nodiscard]] bool has(std::string_view part) const {
    return name.find(part) != std::string::npos;
  }
  [[nodiscard]] Compression algorithm() const {
    return has("zstd") ? Compression::zstd : Compression::zlib;
  }
};

Buffer contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<Conversation> conversations() {
  std::vector<Conversation> found;
  for (const auto& file : std::filesystem::directory_iterator(test::test_data("compressed"))) {
    if (file.path().extension() != ".up") continue;
    auto down = file.path();
    down.replace_extension(".down");
    found.push_back({file.path().stem().string(), contents(file.path()), contents(down)});
  }
  REQUIRE(found.size() == 11);
  return found;
}

/// A side that has received all of `bytes` and reads of it what it wants.
class Reader {
 public:
  Reader(CompressedStream& stream, Bytes bytes) : stream_(stream), bytes_(bytes) {}

  /// false: there are fewer left.
  bool read(MutableBytes into) {
    while (!into.empty()) {
      const std::size_t size = stream_.read(into);
      REQUIRE(stream_.error() == "");
      into = into.subspan(size);
      if (size > 0) continue;
      if (bytes_.empty()) return false;
      const std::size_t part = std::min<std::size_t>(bytes_.size(), 100);
      std::copy_n(bytes_.begin(), part, stream_.room().begin());
      stream_.received(part);
      bytes_ = bytes_.subspan(part);
    }
    return true;
  }

  struct Packet {
    std::uint8_t sequence;
    Buffer payload;
  };
  std::optional<Packet> packet() {
    Buffer header(packet_header_size);
    if (!read(header)) return std::nullopt;
    Packet packet{header[3], Buffer(static_cast<std::size_t>(load_le<3>(header.data())))};
    REQUIRE(read(packet.payload));
    return packet;
  }

 private:
  CompressedStream& stream_;
  Bytes bytes_;
};

bool is_dump(Bytes command) {
  return command[0] == static_cast<std::uint8_t>(Command::binlog_dump) ||
         command[0] == static_cast<std::uint8_t>(Command::binlog_dump_gtid);
}

/// In the place of the master: all that the replica has said.
std::vector<Buffer> commands_of(const Conversation& conversation) {
  CompressedStream master(test::usual(conversation.algorithm()), 1 << 20);
  Reader reader(master, conversation.up);
  std::vector<Buffer> commands;
  for (;;) {
    master.begin_command();
    const auto packet = reader.packet();
    if (!packet) return commands;
    CHECK(packet->sequence == 0);
    commands.push_back(packet->payload);
    if (is_dump(packet->payload)) {
      master.begin_dump_as_master(conversation.has("semisync"), conversation.has("mariadb"));
    }
  }
}

}  // namespace

TEST_CASE("compressed recordings: a replica's commands and acknowledgements") {
  for (const auto& conversation : conversations()) {
    CAPTURE(conversation.name);
    const auto commands = commands_of(conversation);
    const auto dump = std::ranges::find_if(commands, is_dump);
    REQUIRE(dump != commands.end());
    CHECK(dump - commands.begin() > 7);
    const auto acks = commands.end() - dump - 1;
    CHECK(acks == (conversation.has("semisync") ? 7 : 0));
    for (auto ack = dump + 1; ack != commands.end(); ++ack) CHECK(ack->front() == 0xEF);
  }
}

TEST_CASE("compressed recordings: a master's answers and events") {
  for (const auto& conversation : conversations()) {
    CAPTURE(conversation.name);
    const bool semi_sync = conversation.has("semisync");
    CompressedStream replica(test::usual(conversation.algorithm()), max_compressed_piece);
    Reader reader(replica, conversation.down);
    for (const Buffer& command : commands_of(conversation)) {
      replica.begin_command();
      Buffer bytes;
      std::uint8_t sequence = 0;
      append_packet(bytes, command, sequence);
      replica.pack(bytes);
      CHECK(load_compressed_header(replica.outgoing().data()).sequence == 0);
      replica.sent(replica.outgoing().size());
      if (is_dump(command)) break;
      // From 5.7 on MySQL uses more of the protocol than Sluice does.
      ResponseReader response(conversation.has("mysql") && !conversation.has("5.6")
                                  ? Capabilities{Capability::protocol_41, Capability::deprecate_eof}
                                  : minimal_dialect);
      for (auto progress = ResponseReader::Progress::more;
           progress == ResponseReader::Progress::more;) {
        const auto packet = reader.packet();
        REQUIRE(packet);
        CHECK(packet->sequence == sequence++);
        progress = response.feed(packet->payload);
        REQUIRE(progress != ResponseReader::Progress::malformed);
      }
    }
    replica.begin_dump_as_replica(semi_sync);
    std::uint8_t next = 1;
    int acks = 0;
    std::size_t packets = 0, largest = 0;
    while (const auto packet = reader.packet()) {
      ++packets;
      largest = std::max(largest, packet->payload.size());
      CHECK(packet->sequence == next++);
      CHECK(packet->payload[0] == 0);
      if (semi_sync) CHECK(packet->payload[1] == 0xEF);
      const bool flagged = semi_sync && packet->payload[2] == 1;
      acks += flagged;
      if (flagged) next = 1;
    }
    CHECK(acks == (semi_sync ? 7 : 0));
    CHECK(packets > 20);
    CHECK(largest > 54'000);
  }
}

TEST_CASE("compressed recordings: cut short anywhere they are a part") {
  for (const auto& conversation : conversations()) {
    CAPTURE(conversation.name);
    PacketDecompressor whole(conversation.algorithm(), max_compressed_piece);
    whole.accept_any_sequence();
    const auto plain = test::unpacked(whole, conversation.down);
    REQUIRE(plain);
    for (std::size_t size = 0; size < conversation.down.size(); size += 13) {
      PacketDecompressor decompressor(conversation.algorithm(), max_compressed_piece);
      decompressor.accept_any_sequence();
      const auto part = test::unpacked(decompressor, Bytes(conversation.down).first(size));
      REQUIRE(part);
      CHECK(test::same(*part, Bytes(*plain).first(part->size())));
    }
  }
}

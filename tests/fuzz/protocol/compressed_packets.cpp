// The compressed protocol's two directions: whatever comes is unpacked within its limits or
// refused, the same in any pieces; whatever is packed is unpacked again. Input: algorithm, limit,
// piece sizes, role and semi-sync, then a stream of compressed packets.
#include "fuzz/fuzz.hpp"
#include "protocol/wire/compressed_stream.hpp"

using namespace sluice;
using fuzz::exact;
using fuzz::expect;
using wire::Compression;
using wire::PacketDecompressor;

namespace {

/// More than this of a stream is of no interest.
constexpr std::size_t enough = std::size_t{1} << 20;

struct Unpacked {
  Buffer plain;
  bool refused = false;
  bool operator==(const Unpacked&) const = default;
};

Unpacked unpack(Compression algorithm, std::size_t max_plain, bool any_sequence, Bytes stream,
                std::size_t piece, std::size_t room) {
  PacketDecompressor decompressor(algorithm, max_plain);
  if (any_sequence) decompressor.accept_any_sequence();
  Unpacked result;
  do {
    const Buffer part = exact(stream.first(std::min(piece, stream.size())));
    stream = stream.subspan(part.size());
    Bytes received(part);
    for (;;) {
      Buffer out(room);
      const auto size = decompressor.decode(received, out);
      result.refused = !size;
      if (!size) {
        expect(!decompressor.error().empty(), "who refuses says why");
        return result;
      }
      expect(*size <= room, "no more is written than there is room for");
      result.plain.insert(result.plain.end(), out.begin(),
                          out.begin() + static_cast<std::ptrdiff_t>(*size));
      if (*size < room || result.plain.size() > enough) break;
    }
    if (result.plain.size() > enough) break;
    expect(received.empty(), "who has room has taken all");
  } while (!stream.empty());
  return result;
}

/// As one side sends it and the other receives it.
Buffer through(wire::CompressedStream& from, wire::CompressedStream& to, Bytes plain) {
  Buffer received;
  Buffer into(777);
  while (!plain.empty()) {
    from.pack(plain);
    const std::size_t packed = from.take_packed();
    expect(packed > 0 && packed <= plain.size(), "something is packed");
    plain = plain.subspan(packed);
    while (!from.outgoing().empty()) {
      const MutableBytes room = to.room();
      const std::size_t size = std::min(room.size(), from.outgoing().size());
      std::copy_n(from.outgoing().begin(), size, room.begin());
      to.received(size);
      from.sent(size);
      while (const std::size_t read = to.read(into)) {
        received.insert(received.end(), into.begin(),
                        into.begin() + static_cast<std::ptrdiff_t>(read));
      }
      expect(to.error().empty(), "what was packed is right");
    }
  }
  return received;
}

}  // namespace

FUZZ_TARGET(compressed_packets) {
  fuzz::Choices choices(input);
  const auto algorithm = choices.yes() ? Compression::zstd : Compression::zlib;
  const auto max_plain = static_cast<std::size_t>(choices.number(3));
  const std::size_t piece = std::size_t{1} + choices.byte();
  const std::size_t room = std::size_t{1} + choices.byte();
  const bool any_sequence = choices.yes();
  const bool semi_sync = choices.yes();
  const Bytes stream = choices.rest();

  const Unpacked whole =
      unpack(algorithm, max_plain, any_sequence, stream, stream.size() + 1, 1 << 16);
  const Unpacked pieces = unpack(algorithm, max_plain, any_sequence, stream, piece, room);
  expect(whole.refused == pieces.refused || whole.plain.size() > enough ||
             pieces.plain.size() > enough,
         "the pieces make no difference to what is refused");
  if (!whole.refused && whole.plain.size() <= enough) {
    expect(whole.plain == pieces.plain, "nor to what is not");
  }

  // What was given, and what came of it, as plain streams of a dump.
  for (const Bytes plain :
       {stream, Bytes(whole.plain).first(std::min(enough, whole.plain.size()))}) {
    wire::CompressedStream master({algorithm, 1}, wire::PacketCompressor::max_piece);
    wire::CompressedStream replica({algorithm, 1}, wire::PacketCompressor::max_piece);
    expect(through(master, replica, plain) == exact(plain), "what is packed is unpacked");
    master.begin_dump_as_master(semi_sync, choices.yes());
    replica.begin_dump_as_replica(semi_sync);
    Buffer numbered = exact(plain);
    wire::DumpNumbering(semi_sync).renumber(numbered);
    expect(through(master, replica, plain) == numbered, "and in a dump has new numbers, no more");
  }
}

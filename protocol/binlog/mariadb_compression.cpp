#include "protocol/binlog/mariadb_compression.hpp"

#include "protocol/compression_streams.hpp"

namespace sluice::binlog {
namespace {

/// The first byte of either form: 0x80 and how many bytes of length follow, big-endian.
struct Head {
  InflateStream::Frame frame = InflateStream::Frame::zlib;  ///< of columns perhaps none
  std::uint64_t size = 0;
  Bytes compressed;
};

/// bits 0 to 2 of the first byte: bytes of length
std::optional<Head> parse_head(Bytes bytes) {
  Cursor in(bytes);
  const std::uint8_t first = in.u8();
  const std::uint8_t width = first & 7;
  const Bytes size = in.take(width);
  if (!in.ok() || width == 0 || width > 4) return std::nullopt;
  Head head;
  for (const std::uint8_t byte : size) head.size = head.size << 8 | byte;
  head.compressed = in.rest();
  return head;
}

/// No more than the size announced is ever held.
std::optional<Buffer> inflate_to(const Head& head, std::size_t limit) {
  if (head.size > limit) return std::nullopt;
  InflateStream stream;
  stream.begin(head.frame);
  // A few bytes cannot become many: the size announced is not believed before they come.
  Buffer out(InflateStream::believable(head.size, head.compressed.size()));
  const auto step = stream.run(head.compressed, out, true);
  if (!step || !step->ended || step->written != head.size) return std::nullopt;
  return out;
}

/// bits 4 to 6: the algorithm, 0 is zlib; bit 7 is set.
std::optional<Head> parse_event_head(Bytes record) {
  if (record.empty() || (record[0] & 0xF0) != 0x80) return std::nullopt;
  return parse_head(record);
}

}  // namespace

std::optional<std::uint64_t> uncompressed_size(Bytes record) {
  const auto head = parse_event_head(record);
  return head ? std::optional(head->size) : std::nullopt;
}

std::optional<Buffer> uncompress_event_part(Bytes record, std::size_t limit) {
  const auto head = parse_event_head(record);
  return head ? inflate_to(*head, limit) : std::nullopt;
}

std::optional<Buffer> uncompress_column(Bytes stored, std::size_t limit) {
  // The empty string is stored as nothing. Bits 4 to 7: the method, 0 is none, 8 is zlib; bit 3:
  // raw.
  if (stored.empty()) return Buffer();
  const std::uint8_t method = stored[0] >> 4;
  if (method == 0) {
    const Bytes plain = stored.subspan(1);
    return plain.size() > limit ? std::nullopt : std::optional(Buffer(plain.begin(), plain.end()));
  }
  if (method != 8) return std::nullopt;
  auto head = parse_head(stored);
  if (!head) return std::nullopt;
  if ((stored[0] & 8) != 0) head->frame = InflateStream::Frame::none;
  return inflate_to(*head, limit);
}

}  // namespace sluice::binlog

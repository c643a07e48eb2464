#include "protocol/wire/packet_decompressor.hpp"

#include <algorithm>
#include <bit>

namespace sluice::wire {
namespace {

/// No frame needs a window that is larger than what it holds.
int window_of(std::size_t max_plain) {
  constexpr int smallest = 10;
  return std::max(smallest, static_cast<int>(std::bit_width(max_plain)));
}

}  // namespace

std::optional<std::size_t> PacketDecompressor::decode(Bytes& in, MutableBytes out) {
  std::size_t size = 0;
  while (error_.empty() && size < out.size()) {
    if (header_size_ < compressed_header_size) {
      if (!take_header(in)) break;
      continue;
    }
    // Also with nothing new to read: what was read may stand for more than had room.
    const auto piece = take_piece(in, out.subspan(size));
    if (!piece) break;
    size += *piece;
    // The piece that completes the plain side may not have been all: one more step tells.
    const bool completed = *piece > 0 && plain_left_ == 0;
    if (in.empty() && packed_left_ > 0 && !completed) break;
  }
  if (!error_.empty()) return std::nullopt;
  return size;
}

/// false: there is no whole header, or it cannot be right.
bool PacketDecompressor::take_header(Bytes& in) {
  const std::size_t taken = std::min(compressed_header_size - header_size_, in.size());
  std::copy_n(in.begin(), taken, header_ + header_size_);
  header_size_ += taken;
  in = in.subspan(taken);
  return header_size_ == compressed_header_size && begin_packet();
}

bool PacketDecompressor::begin_packet() {
  const CompressedHeader header = load_compressed_header(header_);
  packed_ = header.plain_size > 0;
  packed_left_ = header.packed_size;
  plain_left_ = packed_ ? header.plain_size : header.packed_size;
  if (header.sequence != sequence_ && !any_sequence_) {
    fail("compressed packets out of order");
  } else if (plain_left_ > max_plain_) {
    fail("a compressed packet that is too large");
  } else if (packed_left_ == 0) {
    fail("a compressed packet without content");
  } else if (packed_ && algorithm_ == Compression::zlib) {
    zlib_.begin();
  } else if (packed_) {
    zstd_.begin(window_of(max_plain_));
  }
  sequence_ = static_cast<std::uint8_t>(header.sequence + 1);
  return error_.empty();
}

/// The packet under way, as far as there is of it. Leaves it when it is over.
std::optional<std::size_t> PacketDecompressor::take_piece(Bytes& in, MutableBytes out) {
  const Bytes source = in.first(std::min(in.size(), packed_left_));
  // Behind the last byte there must be none, but the end of the stream.
  std::uint8_t excess = 0;
  const bool full = plain_left_ == 0;
  const auto target =
      full ? MutableBytes(&excess, 1) : out.first(std::min(out.size(), plain_left_));
  const auto step = unpack(source, target);
  if (!step) {
    fail("a compressed packet that is damaged");
    return std::nullopt;
  }
  in = in.subspan(step->read);
  packed_left_ -= step->read;
  const bool too_long = full && step->written > 0;
  if (!full) plain_left_ -= step->written;
  const bool left_over = packed_left_ > 0 || plain_left_ > 0;
  const bool starved = packed_left_ == 0 && step->read == 0 && step->written == 0;
  if (too_long || (step->ended ? left_over : starved)) {
    fail("a compressed packet of another size than it says");
    return std::nullopt;
  }
  if (step->ended) header_size_ = 0;
  return step->written;
}

std::optional<UnpackStep> PacketDecompressor::unpack(Bytes in, MutableBytes out) {
  if (packed_) return algorithm_ == Compression::zlib ? zlib_.run(in, out) : zstd_.run(in, out);
  const std::size_t size = std::min(in.size(), out.size());
  std::copy_n(in.begin(), size, out.begin());
  return UnpackStep{size, size, size == packed_left_};
}

}  // namespace sluice::wire

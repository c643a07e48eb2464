#include "protocol/wire/packet_decompressor.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <new>

namespace sluice::wire {

void PacketDecompressor::FreeZlib::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}
void PacketDecompressor::FreeZstd::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

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
    begin_zlib();
  } else if (packed_) {
    begin_zstd();
  }
  sequence_ = static_cast<std::uint8_t>(header.sequence + 1);
  return error_.empty();
}

void PacketDecompressor::begin_zlib() {
  if (zlib_) {
    inflateReset(zlib_.get());
    return;
  }
  auto stream = std::make_unique<z_stream>();
  if (inflateInit(stream.get()) != Z_OK) throw std::bad_alloc();
  zlib_.reset(stream.release());
}

void PacketDecompressor::begin_zstd() {
  if (zstd_) {
    ZSTD_DCtx_reset(zstd_.get(), ZSTD_reset_session_only);
    return;
  }
  zstd_.reset(ZSTD_createDCtx());
  if (!zstd_) throw std::bad_alloc();
  // No frame needs a window that is larger than what it holds.
  constexpr int smallest = 10;
  const int window = std::max(smallest, static_cast<int>(std::bit_width(max_plain_)));
  ZSTD_DCtx_setParameter(zstd_.get(), ZSTD_d_windowLogMax, window);
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

std::optional<PacketDecompressor::Step> PacketDecompressor::unpack(Bytes in, MutableBytes out) {
  if (packed_) return algorithm_ == Compression::zlib ? unpack_zlib(in, out) : unpack_zstd(in, out);
  const std::size_t size = std::min(in.size(), out.size());
  std::copy_n(in.begin(), size, out.begin());
  return Step{size, size, size == packed_left_};
}

std::optional<PacketDecompressor::Step> PacketDecompressor::unpack_zlib(Bytes in,
                                                                        MutableBytes out) {
  zlib_->next_in = const_cast<Bytef*>(in.data());
  zlib_->avail_in = static_cast<uInt>(in.size());
  zlib_->next_out = out.data();
  zlib_->avail_out = static_cast<uInt>(out.size());
  const int status = inflate(zlib_.get(), Z_NO_FLUSH);
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return std::nullopt;
  return Step{in.size() - zlib_->avail_in, out.size() - zlib_->avail_out, status == Z_STREAM_END};
}

std::optional<PacketDecompressor::Step> PacketDecompressor::unpack_zstd(Bytes in,
                                                                        MutableBytes out) {
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  const std::size_t hint = ZSTD_decompressStream(zstd_.get(), &target, &source);
  if (ZSTD_isError(hint) != 0) return std::nullopt;
  return Step{source.pos, target.pos, hint == 0};
}

}  // namespace sluice::wire

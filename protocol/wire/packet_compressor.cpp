#include "protocol/wire/packet_compressor.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace sluice::wire {

void PacketCompressor::FreeZlib::operator()(z_stream_s* stream) const {
  deflateEnd(stream);
  delete stream;
}
void PacketCompressor::FreeZstd::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

Bytes PacketCompressor::pack(Bytes plain) {
  const std::size_t room = compressed_header_size + plain.size();
  if (packet_.size() < room) packet_.resize(room);
  const MutableBytes body = MutableBytes(packet_).subspan(compressed_header_size, plain.size());
  std::size_t packed = plain.size() < min_compress_size ? 0 : squeeze(plain, body);
  CompressedHeader header{0, sequence_++, static_cast<std::uint32_t>(plain.size())};
  if (packed == 0) {
    std::copy(plain.begin(), plain.end(), body.begin());
    packed = plain.size();
    header.plain_size = 0;
  }
  header.packed_size = static_cast<std::uint32_t>(packed);
  store_compressed_header(packet_.data(), header);
  return Bytes(packet_).first(compressed_header_size + packed);
}

/// The size of what `plain` becomes; 0 if it does not fit in `into`.
std::size_t PacketCompressor::squeeze(Bytes plain, MutableBytes into) {
  switch (setting_.algorithm) {
    case Compression::none:
      break;
    case Compression::zlib:
      return squeeze_zlib(plain, into);
    case Compression::zstd:
      return squeeze_zstd(plain, into);
  }
  return 0;
}

std::size_t PacketCompressor::squeeze_zlib(Bytes plain, MutableBytes into) {
  if (zlib_) {
    deflateReset(zlib_.get());
  } else {
    auto stream = std::make_unique<z_stream>();
    if (deflateInit(stream.get(), setting_.level) != Z_OK) throw std::bad_alloc();
    zlib_.reset(stream.release());
  }
  zlib_->next_in = const_cast<Bytef*>(plain.data());
  zlib_->avail_in = static_cast<uInt>(plain.size());
  zlib_->next_out = into.data();
  zlib_->avail_out = static_cast<uInt>(into.size());
  return deflate(zlib_.get(), Z_FINISH) == Z_STREAM_END ? into.size() - zlib_->avail_out : 0;
}

std::size_t PacketCompressor::squeeze_zstd(Bytes plain, MutableBytes into) {
  if (!zstd_) {
    zstd_.reset(ZSTD_createCCtx());
    if (!zstd_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_compressionLevel, setting_.level);
  }
  const std::size_t size =
      ZSTD_compress2(zstd_.get(), into.data(), into.size(), plain.data(), plain.size());
  return ZSTD_isError(size) != 0 ? 0 : size;
}

}  // namespace sluice::wire

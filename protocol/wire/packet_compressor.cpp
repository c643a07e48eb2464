#include "protocol/wire/packet_compressor.hpp"

#include <zstd.h>

#include <algorithm>

namespace sluice::wire {

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
      return zlib_.pack(plain, into, setting_.level);
    case Compression::zstd:
      return squeeze_zstd(plain, into);
  }
  return 0;
}

std::size_t PacketCompressor::squeeze_zstd(Bytes plain, MutableBytes into) {
  if (!zstd_) zstd_ = make_zstd_encoder(setting_.level);
  const std::size_t size =
      ZSTD_compress2(zstd_.get(), into.data(), into.size(), plain.data(), plain.size());
  return ZSTD_isError(size) != 0 ? 0 : size;
}

}  // namespace sluice::wire

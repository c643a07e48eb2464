#include "protocol/binlog/payload_codec.hpp"

#include <zstd.h>

#include <algorithm>

namespace sluice::binlog {
namespace {

constexpr std::size_t magic_size = 4;

/// Up to here a master that does not tell the size compresses as for any. Above, the tables for
/// that take up to 650 MiB, however little there is.
constexpr int highest_level_for_any_size = 6;

/// ZSTD_c_useBlockSplitter, later ZSTD_c_splitAfterSequences (lib/zstd.h of 1.5.2 and 1.5.7). A
/// zstd that does not know it goes on without.
constexpr auto block_splitter = ZSTD_c_experimentalParam13;

}  // namespace

void PayloadDecoder::begin(Compression compression) {
  compressed_ = compression == Compression::zstd;
  complete_ = true;
  read_ = 0;
  descriptor_ = 0;
  if (compressed_) zstd_.begin();
}

std::optional<std::size_t> PayloadDecoder::decode(Bytes& in, MutableBytes out) {
  if (!compressed_) {
    const std::size_t size = std::min(in.size(), out.size());
    std::copy_n(in.begin(), size, out.begin());
    in = in.subspan(size);
    return size;
  }
  // The descriptor is the byte behind the magic number.
  if (read_ <= magic_size && magic_size - read_ < in.size()) descriptor_ = in[magic_size - read_];
  std::size_t size = 0;
  while (size < out.size()) {
    const auto step = zstd_.run(in, out.subspan(size));
    if (!step) return std::nullopt;
    read_ += step->read;
    in = in.subspan(step->read);
    size += step->written;
    const bool moved = step->read > 0 || step->written > 0;
    if (moved) complete_ = step->ended;
    if (!moved || (in.empty() && size < out.size())) break;
  }
  return size;
}

bool PayloadDecoder::tells_size() const {
  constexpr unsigned content_size_flag = 0xC0;
  constexpr unsigned single_segment_flag = 0x20;
  return (descriptor_ & (content_size_flag | single_segment_flag)) != 0;
}

PayloadEncoder::PayloadEncoder(Compression compression, const ZstdWay& way, std::size_t limit)
    : limit_(limit) {
  if (compression == Compression::none) return;
  zstd_ = make_zstd_encoder(way.level);
  if (way.splits_blocks) ZSTD_CCtx_setParameter(zstd_.get(), block_splitter, 1);
  ZSTD_CCtx_setParameter(zstd_.get(), ZSTD_c_contentSizeFlag, way.tells_size ? 1 : 0);
  if (way.tells_size || way.level > highest_level_for_any_size) {
    ZSTD_CCtx_setPledgedSrcSize(zstd_.get(), way.size);
  }
}

bool PayloadEncoder::encode(Bytes bytes) {
  return run(bytes, false);
}

bool PayloadEncoder::finish() {
  return run({}, true);
}

bool PayloadEncoder::run(Bytes bytes, bool last) {
  if (!zstd_) {
    if (bytes.size() > limit_ - out_.size()) return false;
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return true;
  }
  ZSTD_inBuffer source{bytes.data(), bytes.size(), 0};
  const auto how = last ? ZSTD_e_end : ZSTD_e_continue;
  while (true) {
    const std::size_t before = out_.size();
    out_.resize(std::min(limit_, before + ZSTD_CStreamOutSize()));
    ZSTD_outBuffer target{out_.data(), out_.size(), before};
    const std::size_t left = ZSTD_compressStream2(zstd_.get(), &target, &source, how);
    const bool full = target.pos == out_.size();
    out_.resize(target.pos);
    if (ZSTD_isError(left) != 0) return false;
    if (last ? left == 0 : source.pos == source.size) return true;
    if (full && target.pos == limit_) return false;
  }
}

}  // namespace sluice::binlog

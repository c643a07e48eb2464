#include "protocol/compression_streams.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace sluice {
namespace {

int window_bits(InflateStream::Frame frame) {
  constexpr int gzip_only = 16;
  if (frame == InflateStream::Frame::none) return -MAX_WBITS;
  return frame == InflateStream::Frame::gzip ? MAX_WBITS + gzip_only : MAX_WBITS;
}

void set(z_stream& stream, Bytes in, MutableBytes out) {
  stream.next_in = const_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
}

}  // namespace

std::size_t InflateStream::believable(std::uint64_t announced, std::size_t compressed) {
  constexpr std::uint64_t best_ratio = 1032;
  return static_cast<std::size_t>(std::min(announced, std::uint64_t{compressed} * best_ratio));
}

void InflateStream::end(z_stream_s* stream) {
  inflateEnd(stream);
  delete stream;
}

void InflateStream::begin(Frame frame) {
  if (stream_) {
    inflateReset(stream_.get());
    return;
  }
  auto stream = std::make_unique<z_stream>();
  if (inflateInit2(stream.get(), window_bits(frame)) != Z_OK) throw std::bad_alloc();
  stream_.reset(stream.release());
}

std::optional<UnpackStep> InflateStream::run(Bytes in, MutableBytes out, bool whole) {
  set(*stream_, in, out);
  std::uint8_t nothing = 0;  // zlib takes no null
  if (out.empty()) stream_->next_out = &nothing;
  const int status = inflate(stream_.get(), whole ? Z_FINISH : Z_NO_FLUSH);
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return std::nullopt;
  return UnpackStep{in.size() - stream_->avail_in, out.size() - stream_->avail_out,
                    status == Z_STREAM_END};
}

void DeflateStream::end(z_stream_s* stream) {
  deflateEnd(stream);
  delete stream;
}

std::size_t DeflateStream::pack(Bytes in, MutableBytes out, int level) {
  if (stream_) {
    deflateReset(stream_.get());
  } else {
    auto stream = std::make_unique<z_stream>();
    if (deflateInit(stream.get(), level) != Z_OK) throw std::bad_alloc();
    stream_.reset(stream.release());
  }
  set(*stream_, in, out);
  return deflate(stream_.get(), Z_FINISH) == Z_STREAM_END ? out.size() - stream_->avail_out : 0;
}

void ZstdDecoder::end(ZSTD_DCtx_s* context) {
  ZSTD_freeDCtx(context);
}

void ZstdDecoder::begin(int max_window) {
  if (context_) {
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    return;
  }
  context_.reset(ZSTD_createDCtx());
  if (!context_) throw std::bad_alloc();
  if (max_window > 0) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, max_window);
}

std::optional<UnpackStep> ZstdDecoder::run(Bytes in, MutableBytes out) {
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  const std::size_t hint = ZSTD_decompressStream(context_.get(), &target, &source);
  if (ZSTD_isError(hint) != 0) return std::nullopt;
  return UnpackStep{source.pos, target.pos, hint == 0};
}

void end_zstd_encoder(ZSTD_CCtx_s* context) {
  ZSTD_freeCCtx(context);
}

ZstdEncoder make_zstd_encoder(int level) {
  ZstdEncoder encoder(ZSTD_createCCtx());
  if (!encoder) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(encoder.get(), ZSTD_c_compressionLevel, level);
  return encoder;
}

}  // namespace sluice

// zlib and zstd, piece by piece. Each takes its memory at its first begin() and keeps it for the
// next stream; without memory that throws std::bad_alloc.
#pragma once

#include <optional>

#include "protocol/bytes.hpp"
#include "protocol/released_by.hpp"

struct z_stream_s;
extern "C" {
struct ZSTD_DCtx_s;
struct ZSTD_CCtx_s;
}

namespace sluice {

/// What one call into the library did.
struct UnpackStep {
  std::size_t read = 0;
  std::size_t written = 0;
  bool ended = false;  ///< the stream, or the frame
};

class InflateStream {
 public:
  enum class Frame { zlib, gzip, none };

  /// As much as these bytes can become at best, whatever length they announce.
  [[nodiscard]] static std::size_t believable(std::uint64_t announced, std::size_t compressed);

  /// Before each stream, with the same frame always.
  void begin(Frame frame = Frame::zlib);
  /// Nothing: it is damaged. `whole`: nothing comes behind `in`, nor another call.
  [[nodiscard]] std::optional<UnpackStep> run(Bytes in, MutableBytes out, bool whole = false);

 private:
  static void end(z_stream_s* stream);
  ReleasedBy<z_stream_s, end> stream_;
};

class DeflateStream {
 public:
  /// `in` as a stream of its own, with the same level always: its size, 0 if it does not fit.
  [[nodiscard]] std::size_t pack(Bytes in, MutableBytes out, int level);

 private:
  static void end(z_stream_s* stream);
  ReleasedBy<z_stream_s, end> stream_;
};

class ZstdDecoder {
 public:
  /// Before each frame, with the same limit always.
  /// @param max_window how large a frame's window may be, as a power of two; 0: as the library says
  void begin(int max_window = 0);
  /// Nothing: it is damaged.
  [[nodiscard]] std::optional<UnpackStep> run(Bytes in, MutableBytes out);

 private:
  static void end(ZSTD_DCtx_s* context);
  ReleasedBy<ZSTD_DCtx_s, end> context_;
};

void end_zstd_encoder(ZSTD_CCtx_s* context);
/// For who sets parameters of the library's own.
using ZstdEncoder = ReleasedBy<ZSTD_CCtx_s, end_zstd_encoder>;
[[nodiscard]] ZstdEncoder make_zstd_encoder(int level);

}  // namespace sluice

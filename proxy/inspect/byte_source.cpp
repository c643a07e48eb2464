#include "proxy/inspect/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "protocol/compression_streams.hpp"
#include "protocol/released_by.hpp"

namespace sluice::proxy::inspect {
namespace {

using Read = boost::system::result<std::size_t, std::string>;

constexpr std::size_t piece_size = std::size_t{64} << 10;

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(int descriptor) : descriptor_(descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
      total_ = static_cast<std::uint64_t>(status.st_size);
    }
  }
  PlainSource(const PlainSource&) = delete;
  PlainSource& operator=(const PlainSource&) = delete;
  ~PlainSource() override { ::close(descriptor_); }

  Read read(MutableBytes space) override {
    for (;;) {
      const ssize_t size = ::read(descriptor_, space.data(), space.size());
      if (size >= 0) {
        consumed_ += static_cast<std::uint64_t>(size);
        return static_cast<std::size_t>(size);
      }
      if (errno != EINTR) return reason_of(errno);
    }
  }
  [[nodiscard]] std::uint64_t consumed() const override { return consumed_; }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return total_; }

 private:
  int descriptor_;
  std::uint64_t consumed_ = 0;
  std::optional<std::uint64_t> total_;
};

/// A compressed source: fills `in_`, and lets what follows decompress out of it.
class CompressedSource : public ByteSource {
 public:
  explicit CompressedSource(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), in_(piece_size) {}

  Read read(MutableBytes space) override {
    for (;;) {
      if (begin_ == end_ && !ended_) {
        auto more = source_->read(in_);
        if (!more) return more.error();
        begin_ = 0;
        end_ = *more;
        ended_ = *more == 0;
      }
      auto size = decompress(Bytes(in_).subspan(begin_, end_ - begin_), space);
      if (!size || *size > 0) return size;
      if (!ended_) continue;
      if (between_frames_) return std::size_t{0};
      return std::string("the compressed file ends too early");
    }
  }
  [[nodiscard]] std::uint64_t consumed() const override { return source_->consumed(); }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return source_->total(); }

 protected:
  /// Takes from `input` by consume(), writes into `space`: how much.
  virtual Read decompress(Bytes input, MutableBytes space) = 0;
  void consume(std::size_t size) { begin_ += size; }
  /// Whether the file may end here.
  [[nodiscard]] bool between_frames() const { return between_frames_; }
  void set_between_frames(bool between) { between_frames_ = between; }

 private:
  std::unique_ptr<ByteSource> source_;
  bool between_frames_ = true;
  Buffer in_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

class GzipSource : public CompressedSource {
 public:
  using CompressedSource::CompressedSource;

 protected:
  Read decompress(Bytes input, MutableBytes space) override {
    if (between_frames()) {
      // Files may lie one behind the other, and zeros behind them, from a tape or an archive.
      const auto zeros = static_cast<std::size_t>(
          std::ranges::find_if(input, [](std::uint8_t byte) { return byte != 0; }) - input.begin());
      consume(zeros);
      input = input.subspan(zeros);
      if (input.empty()) return std::size_t{0};
      stream_.begin(InflateStream::Frame::gzip);
    }
    set_between_frames(false);
    const auto step = stream_.run(input, space);
    if (!step) return std::string("the gzip file is damaged");
    set_between_frames(step->ended);
    consume(step->read);
    return step->written;
  }

 private:
  InflateStream stream_;
};

class ZstdSource : public CompressedSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> source)
      : CompressedSource(std::move(source)), stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
  }

 protected:
  Read decompress(Bytes input, MutableBytes space) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{space.data(), space.size(), 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &out, &in);
    if (ZSTD_isError(status) != 0) {
      return "the zstd file is damaged: " + std::string(ZSTD_getErrorName(status));
    }
    if (in.pos > 0 || out.pos > 0) set_between_frames(status == 0);
    consume(in.pos);
    return out.pos;
  }

 private:
  ReleasedBy<ZSTD_DStream, ZSTD_freeDStream> stream_;
};

bool is_gzip(std::string_view magic) {
  return magic.starts_with("\x1f\x8b");
}
/// A frame, or one that is skipped, such as pzstd puts before it (RFC 8878, 3.1).
bool is_zstd(std::string_view magic) {
  return magic == "\x28\xb5\x2f\xfd" ||
         (magic.ends_with("\x2a\x4d\x18") && magic[0] >= '\x50' && magic[0] <= '\x5f');
}

}  // namespace

Bytes PeekableSource::peek(std::size_t size) {
  while (bytes_.size() < size && error_.empty()) {
    const std::size_t had = bytes_.size();
    bytes_.resize(size);
    const auto more = source_->read(MutableBytes(bytes_).subspan(had));
    bytes_.resize(had + (more ? *more : 0));
    if (!more) error_ = more.error();
    if (!more || *more == 0) break;
  }
  return Bytes(bytes_).first(std::min(size, bytes_.size()));
}

Read PeekableSource::read(MutableBytes space) {
  if (!bytes_.empty()) {
    const std::size_t size = std::min(space.size(), bytes_.size());
    std::copy_n(bytes_.begin(), size, space.begin());
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    return size;
  }
  if (!error_.empty()) return error_;
  return source_->read(space);
}

boost::system::result<std::unique_ptr<PeekableSource>, std::string> open_source(
    const std::string& name) {
  const int descriptor =
      name == "-" ? ::dup(STDIN_FILENO) : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return reason_of(errno);
  auto source = std::make_unique<PeekableSource>(std::make_unique<PlainSource>(descriptor));
  const std::string_view magic = as_text(source->peek(4));
  if (!source->error().empty()) return source->error();
  if (is_gzip(magic)) {
    return std::make_unique<PeekableSource>(std::make_unique<GzipSource>(std::move(source)));
  }
  if (is_zstd(magic)) {
    return std::make_unique<PeekableSource>(std::make_unique<ZstdSource>(std::move(source)));
  }
  return source;
}

}  // namespace sluice::proxy::inspect

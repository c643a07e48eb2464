// Where the bytes of a binlog file come from: a file or the standard input, as it is or compressed
// by gzip or zstd, which its first bytes tell.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "protocol/bytes.hpp"

namespace sluice::proxy::inspect {

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Some more bytes into `space`, which is not empty: how many, 0 at the end. The error is a
  /// sentence for people.
  [[nodiscard]] virtual boost::system::result<std::size_t, std::string> read(
      MutableBytes space) = 0;
  /// How much has been read of what the file has, compressed or not.
  [[nodiscard]] virtual std::uint64_t consumed() const = 0;
  /// How much that is in all; nothing for a pipe.
  [[nodiscard]] virtual std::optional<std::uint64_t> total() const = 0;
};

/// One whose first bytes can be looked at before they are read.
class PeekableSource final : public ByteSource {
 public:
  explicit PeekableSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  /// The next bytes, so many or all that there are. Before the first read(), which gives them, too.
  [[nodiscard]] Bytes peek(std::size_t size);
  /// What stood against more of them; read() says it where they end. Empty: nothing.
  [[nodiscard]] const std::string& error() const { return error_; }

  [[nodiscard]] boost::system::result<std::size_t, std::string> read(MutableBytes space) override;
  [[nodiscard]] std::uint64_t consumed() const override { return source_->consumed(); }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return source_->total(); }

 private:
  std::unique_ptr<ByteSource> source_;
  Buffer bytes_;  // looked at, not read
  std::string error_;
};

/// @param name a path, or "-" for the standard input
[[nodiscard]] boost::system::result<std::unique_ptr<PeekableSource>, std::string> open_source(
    const std::string& name);

}  // namespace sluice::proxy::inspect

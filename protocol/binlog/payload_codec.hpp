// The compressed part of a TRANSACTION_PAYLOAD, piece by piece: a whole one may be a gigabyte.
#pragma once

#include <optional>

#include "protocol/binlog/payload_header.hpp"
#include "protocol/compression_streams.hpp"

namespace sluice::binlog {

class PayloadDecoder {
 public:
  /// Before each payload. A decoder keeps its memory from one to the next.
  void begin(Compression compression);

  /// Takes bytes off the front of `in` and writes what they stand for; how many. Less than `out`
  /// holds: `in` is used up. Nothing: it is no such data.
  [[nodiscard]] std::optional<std::size_t> decode(Bytes& in, MutableBytes out);
  /// Whether the data may end where `in` ended.
  [[nodiscard]] bool complete() const { return complete_; }
  /// Whether the first frame's header says how much is in it (RFC 8878, 3.1.1.1): MySQL 9 says so,
  /// 8.0 does not.
  [[nodiscard]] bool tells_size() const;

 private:
  ZstdDecoder zstd_;
  bool compressed_ = false;
  bool complete_ = true;
  std::uint64_t read_ = 0;       // bytes of the data
  std::uint8_t descriptor_ = 0;  // of the first frame
};

/// How zstd is to compress.
struct ZstdWay {
  int level = 3;               ///< 1 to 22
  std::uint64_t size = 0;      ///< of all that will be encoded
  bool tells_size = true;      ///< in the frame's header
  bool splits_blocks = false;  ///< takes longer, mostly for a percent less
};

class PayloadEncoder {
 public:
  /// Gives up beyond `limit` bytes.
  PayloadEncoder(Compression compression, const ZstdWay& way, std::size_t limit);

  /// false: the result would be larger than the limit.
  [[nodiscard]] bool encode(Bytes bytes);
  [[nodiscard]] bool finish();
  [[nodiscard]] const Buffer& result() const { return out_; }

 private:
  [[nodiscard]] bool run(Bytes bytes, bool last);

  ZstdEncoder zstd_;  // null: not compressed
  std::size_t limit_;
  Buffer out_;
};

}  // namespace sluice::binlog

// The head of a TRANSACTION_PAYLOAD: fields `type | length | value`, all length-encoded, up to a
// type of 0. The compressed events of one transaction follow, without checksums
// (libs/mysql/binlog/event/codecs/binary.cpp, Transaction_payload::decode).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// Transaction_payload_event's compression type (libs/mysql/binlog/event/compression/base.h).
enum class Compression : std::uint8_t { zstd = 0, none = 255 };

struct PayloadHeader {
  std::uint64_t payload_size = 0;  ///< of the compressed events
  Compression compression = Compression::none;
  std::optional<std::uint64_t> uncompressed_size;
};

/// Reads a head that comes in pieces. Fields of unknown types are passed over, as servers do.
class PayloadHeaderReader {
 public:
  enum class Progress : std::uint8_t { need_more, complete, malformed };

  /// Takes what belongs to the head off the front of `piece`.
  Progress feed(Bytes& piece);
  /// Valid when complete.
  [[nodiscard]] const PayloadHeader& header() const { return header_; }

 private:
  Progress read_field();

  PayloadHeader header_;
  bool has_size_ = false;
  bool has_compression_ = false;
  std::array<std::uint8_t, 27> field_{};  // the field under way: three numbers at most
  std::size_t field_size_ = 0;
  std::uint64_t to_skip_ = 0;  // of the value of an unknown field
};

/// Appends the head. `padding` bytes, never 1, go into fields of a type that no server knows.
void serialize(const PayloadHeader& header, std::uint64_t padding, Buffer& out);
/// How many bytes that are without padding.
[[nodiscard]] std::size_t serialized_size(const PayloadHeader& header);

}  // namespace sluice::binlog

#include "protocol/binlog/payload_header.hpp"

#include <algorithm>

namespace sluice::binlog {
namespace {

enum class Field : std::uint8_t {
  end = 0,
  payload_size = 1,
  compression = 2,
  uncompressed_size = 3,
  padding = 200,  // far from what a server may come to know
};

constexpr std::size_t lenenc_size(std::uint64_t value) {
  return value < 0xFB ? 1 : value <= 0xFFFF ? 3 : value <= 0xFFFFFF ? 4 : 9;
}

void append_field(Field field, std::uint64_t value, Buffer& out) {
  Writer(out).lenenc(static_cast<std::uint64_t>(field)).lenenc(lenenc_size(value)).lenenc(value);
}

constexpr std::size_t field_size(std::uint64_t value) {
  return 2 + lenenc_size(value);
}

/// The size of the value that makes a padding field `size` bytes long as a whole. None: at the
/// borders between the widths of a length there is no such field.
std::optional<std::uint64_t> padding_value(std::uint64_t size) {
  for (const std::uint64_t width : {1ULL, 3ULL, 4ULL, 9ULL}) {
    if (size >= 1 + width && lenenc_size(size - 1 - width) == width) return size - 1 - width;
  }
  return std::nullopt;
}

void append_padding_field(std::uint64_t value_size, Buffer& out) {
  Writer(out).lenenc(static_cast<std::uint64_t>(Field::padding));
  Writer(out).lenenc(value_size).zeros(value_size);
}

void append_padding(std::uint64_t size, Buffer& out) {
  if (size == 0) return;
  const auto value = padding_value(size);
  if (value) return append_padding_field(*value, out);
  // What is left behind a small field fits into one of its own.
  constexpr std::uint64_t detour = 100;
  append_padding_field(detour - 2, out);
  append_padding(size - detour, out);
}

}  // namespace

PayloadHeaderReader::Progress PayloadHeaderReader::feed(Bytes& piece) {
  while (!piece.empty()) {
    if (to_skip_ > 0) {
      const auto skipped = std::min<std::uint64_t>(to_skip_, piece.size());
      piece = piece.subspan(static_cast<std::size_t>(skipped));
      to_skip_ -= skipped;
      continue;
    }
    if (field_size_ == field_.size()) return Progress::malformed;
    field_[field_size_++] = piece.front();
    piece = piece.subspan(1);
    const Progress progress = read_field();
    if (progress != Progress::need_more) return progress;
  }
  return Progress::need_more;
}

/// Looks at the field under way, which grows byte by byte: heads are some twenty bytes long.
PayloadHeaderReader::Progress PayloadHeaderReader::read_field() {
  const Bytes field = Bytes(field_).first(field_size_);
  // A first byte that begins no integer never will.
  const auto begins_integer = [](std::uint8_t byte) { return byte != 0xFB && byte != 0xFF; };
  if (!begins_integer(field.front())) return Progress::malformed;
  Cursor cursor(field);
  const std::uint64_t type = cursor.lenenc();
  if (!cursor.ok()) return Progress::need_more;
  if (type == static_cast<std::uint64_t>(Field::end)) {
    return has_size_ && has_compression_ ? Progress::complete : Progress::malformed;
  }
  if (cursor.remaining() == 0) return Progress::need_more;
  if (!begins_integer(field[field.size() - cursor.remaining()])) return Progress::malformed;
  const std::uint64_t size = cursor.lenenc();
  if (!cursor.ok()) return Progress::need_more;
  if (type > static_cast<std::uint64_t>(Field::uncompressed_size)) {
    to_skip_ = size;
    field_size_ = 0;
    return Progress::need_more;
  }
  if (size > 9) return Progress::malformed;
  if (cursor.remaining() < size) return Progress::need_more;
  const std::uint64_t value = cursor.lenenc();
  if (!cursor.ok() || cursor.remaining() > 0) return Progress::malformed;
  field_size_ = 0;
  switch (static_cast<Field>(type)) {
    case Field::payload_size:
      has_size_ = true;
      header_.payload_size = value;
      break;
    case Field::compression:
      has_compression_ = true;
      if (value != static_cast<std::uint64_t>(Compression::zstd) &&
          value != static_cast<std::uint64_t>(Compression::none)) {
        return Progress::malformed;
      }
      header_.compression = Compression{static_cast<std::uint8_t>(value)};
      break;
    default:
      header_.uncompressed_size = value;
  }
  return Progress::need_more;
}

void serialize(const PayloadHeader& header, std::uint64_t padding, Buffer& out) {
  append_field(Field::compression, static_cast<std::uint64_t>(header.compression), out);
  append_field(Field::payload_size, header.payload_size, out);
  if (header.uncompressed_size)
    append_field(Field::uncompressed_size, *header.uncompressed_size, out);
  append_padding(padding, out);
  Writer(out).u8(static_cast<std::uint8_t>(Field::end));
}

std::size_t serialized_size(const PayloadHeader& header) {
  return field_size(static_cast<std::uint64_t>(header.compression)) +
         field_size(header.payload_size) +
         (header.uncompressed_size ? field_size(*header.uncompressed_size) : 0) + 1;
}

}  // namespace sluice::binlog

// Bytes on the wire: spans, a reader that cannot overrun, a writer that appends.
// All integers are little-endian, as everywhere in the MySQL protocol and in binlog files.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sluice {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

/// The bytes of a text, and back. Neither copies.
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Little-endian integer of `width` (1..8) bytes at `at`; the caller has checked that they are
/// there.
inline std::uint64_t load_le(const std::uint8_t* at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{at[i]} << (8 * i);
  return value;
}
/// The same for a width that is known when this is compiled: one load, or a load for each part that
/// is a power of two.
template <std::size_t width>
inline std::uint64_t load_le(const std::uint8_t* at) {
  static_assert(width >= 1 && width <= 8);
  constexpr std::size_t low = std::bit_floor(width);
  if constexpr (low < width) {
    return load_le<low>(at) | load_le<width - low>(at + low) << (8 * low);
  } else if constexpr (std::endian::native != std::endian::little || width == 1) {
    return load_le(at, width);
  } else {
    std::conditional_t<width == 2, std::uint16_t,
                       std::conditional_t<width == 4, std::uint32_t, std::uint64_t>>
        value;
    std::memcpy(&value, at, width);
    return value;
  }
}
inline void store_le(std::uint8_t* at, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// Reads from front to back. A read past the end yields zero or nothing and marks the cursor as
/// failed for good, so a decoder may read all its fields and ask ok() once, before it uses any.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer<2>()); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(integer<3>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer<4>()); }
  std::uint64_t u48() { return integer<6>(); }
  std::uint64_t u64() { return integer<8>(); }

  /// Length-encoded integer. 0xFB (NULL) and 0xFF are no integers: they fail the cursor.
  std::uint64_t lenenc() {
    const std::uint8_t first = u8();
    switch (first) {
      case 0xFB:
      case 0xFF:
        fail();
        return 0;
      case 0xFC:
        return integer<2>();
      case 0xFD:
        return integer<3>();
      case 0xFE:
        return integer<8>();
      default:
        return first;
    }
  }

  Bytes take(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const Bytes taken = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  void skip(std::uint64_t size) { take(size); }
  std::string_view text(std::uint64_t size) { return as_text(take(size)); }
  std::string_view lenenc_text() { return text(lenenc()); }

  /// The text before the next NUL, which is consumed. No NUL: fails.
  std::string_view text_until_nul() {
    const auto* nul = rest_.empty() ? nullptr : std::memchr(rest_.data(), 0, rest_.size());
    if (nul == nullptr) {
      fail();
      return {};
    }
    const auto size =
        static_cast<std::size_t>(static_cast<const std::uint8_t*>(nul) - rest_.data());
    const auto result = text(size);
    skip(1);
    return result;
  }

  Bytes rest() { return take(rest_.size()); }
  std::string_view rest_text() { return as_text(rest()); }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  template <std::size_t width>
  std::uint64_t integer() {
    const Bytes bytes = take(width);
    return bytes.empty() ? 0 : load_le<width>(bytes.data());
  }

  Bytes rest_;
  bool ok_ = true;
};

/// Appends to a buffer that it does not own.
class Writer {
 public:
  explicit Writer(Buffer& out) : out_(out) {}

  Writer& u8(std::uint64_t value) { return integer(value, 1); }
  Writer& u16(std::uint64_t value) { return integer(value, 2); }
  Writer& u24(std::uint64_t value) { return integer(value, 3); }
  Writer& u32(std::uint64_t value) { return integer(value, 4); }
  Writer& u48(std::uint64_t value) { return integer(value, 6); }
  Writer& u64(std::uint64_t value) { return integer(value, 8); }

  Writer& lenenc(std::uint64_t value) {
    if (value < 0xFB) return u8(value);
    if (value <= 0xFFFF) return u8(0xFC).u16(value);
    if (value <= 0xFFFFFF) return u8(0xFD).u24(value);
    return u8(0xFE).u64(value);
  }

  Writer& bytes(Bytes bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Writer& text(std::string_view text) { return bytes(as_bytes(text)); }
  Writer& text_nul(std::string_view text) { return this->text(text).u8(0); }
  Writer& lenenc_text(std::string_view text) { return lenenc(text.size()).text(text); }
  Writer& zeros(std::size_t count) {
    out_.resize(out_.size() + count);
    return *this;
  }

 private:
  Writer& integer(std::uint64_t value, std::size_t width) {
    const std::size_t at = out_.size();
    out_.resize(at + width);
    store_le(out_.data() + at, value, width);
    return *this;
  }

  Buffer& out_;
};

}  // namespace sluice

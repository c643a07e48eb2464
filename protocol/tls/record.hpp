// TLS 1.3 records (RFC 8446, section 5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sluice::tls {

enum class ContentType : std::uint8_t {
  alert = 21,
  handshake = 22,
  application_data = 23,
};

/// How every one begins, but for its length.
constexpr std::array<std::uint8_t, 3> record_start = {23, 3, 3};
constexpr std::size_t header_size = 5;
constexpr std::size_t tag_size = 16;
/// What a record adds to its content: header, content type and tag.
constexpr std::size_t overhead = header_size + 1 + tag_size;
/// The most that a record may carry, in bytes: content, and what follows the header.
constexpr std::size_t max_content = std::size_t{1} << 14;
constexpr std::size_t max_body = max_content + overhead - header_size;

enum class Alert : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  record_overflow = 22,
  decode_error = 50,
  internal_error = 80,
  user_canceled = 90,
};

}  // namespace sluice::tls

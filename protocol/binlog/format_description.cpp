#include "protocol/binlog/format_description.hpp"

#include <algorithm>

namespace sluice::binlog {
namespace {

constexpr std::size_t version_field_size = 50;
constexpr std::size_t first_mariadb_type = 160;

std::uint32_t version_number(std::string_view text) {
  std::uint32_t parts[3] = {0, 0, 0};
  std::size_t part = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      parts[part] = std::min(parts[part] * 10 + static_cast<std::uint32_t>(c - '0'), 9999U);
    } else if (c != '.' || ++part == 3) {
      break;
    }
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

}  // namespace

std::optional<FormatDescription> parse_format_description(Bytes event) {
  // The algorithm byte and a checksum stand at the end whatever the algorithm is.
  constexpr std::size_t trailer_size = 1 + 4;
  const auto header = parse_event_header(event);
  if (!header) return std::nullopt;
  Cursor cursor(event.subspan(event_header_size));
  const std::uint16_t binlog_version = cursor.u16();
  const std::string_view version_field = cursor.text(version_field_size);
  cursor.skip(4);  // created
  const std::uint8_t header_size = cursor.u8();
  if (!cursor.ok() || cursor.remaining() < trailer_size) return std::nullopt;
  const Bytes sizes = cursor.take(cursor.remaining() - trailer_size);
  const std::uint8_t algorithm = cursor.u8();
  if (binlog_version != 4 || header_size != event_header_size || algorithm > 1 ||
      sizes.size() > 254) {
    return std::nullopt;
  }

  FormatDescription description;
  description.server_version = version_field.substr(0, version_field.find('\0'));
  description.server_id = header->server_id;
  description.version = version_number(description.server_version);
  description.mariadb = sizes.size() >= first_mariadb_type ||
                        description.server_version.find("MariaDB") != std::string::npos;
  description.checksum = Checksum{algorithm};
  // The list starts with type 1.
  std::copy(sizes.begin(), sizes.end(), description.post_header_size.begin() + 1);
  return description;
}

}  // namespace sluice::binlog

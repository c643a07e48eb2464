#include "protocol/binlog/rotate.hpp"

#include "protocol/binlog/checksum.hpp"

namespace sluice::binlog {

std::optional<Rotate> parse_rotate(Bytes event) {
  constexpr std::size_t crc_size = checksum_size(Checksum::crc32);
  if (event.size() > event_header_size + crc_size) {
    const Bytes content = event.first(event.size() - crc_size);
    if (load_le<crc_size>(event.last(crc_size).data()) == crc32_of(content)) event = content;
  }
  Cursor cursor(event);
  cursor.skip(event_header_size);
  Rotate rotate;
  rotate.position = cursor.u64();
  rotate.file = cursor.rest_text();
  if (!cursor.ok() || rotate.file.empty()) return std::nullopt;
  return rotate;
}

}  // namespace sluice::binlog

#include "protocol/binlog/checksum.hpp"

#include <zlib.h>

#include "protocol/binlog/crc32_folding.hpp"

namespace sluice::binlog {

std::uint32_t crc32_of(Bytes bytes, std::uint32_t so_far) {
  if (bytes.size() >= 4 * fold_size && can_fold_crc32()) {
    const std::size_t folded = bytes.size() / fold_size * fold_size;
    so_far = fold_crc32(bytes.first(folded), so_far);
    bytes = bytes.subspan(folded);
  }
  return static_cast<std::uint32_t>(crc32_z(so_far, bytes.data(), bytes.size()));
}

}  // namespace sluice::binlog

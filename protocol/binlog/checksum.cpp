#include "protocol/binlog/checksum.hpp"

#include <zlib.h>

namespace sluice::binlog {

std::uint32_t crc32_of(Bytes bytes, std::uint32_t so_far) {
  return static_cast<std::uint32_t>(crc32_z(so_far, bytes.data(), bytes.size()));
}

}  // namespace sluice::binlog

// A server's UUID as binlog events and GTID sets carry it (libs/mysql/uuid/uuid.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "protocol/hex.hpp"

namespace sluice::binlog {

using Uuid = std::array<std::uint8_t, 16>;

/// "3e11fa47-71ca-11e1-9e33-c80aa9429562"
[[nodiscard]] inline std::string uuid_text(const Uuid& uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    append_hex(text, uuid[i]);
  }
  return text;
}

}  // namespace sluice::binlog

// A packet that is no event, in words.
#pragma once

#include <string>

#include "proxy/tap/tap_entry.hpp"

namespace sluice::proxy::tap {

struct PacketWords {
  std::string name;    ///< "login request", "COM_QUERY", "OK"
  std::string detail;  ///< what there is to tell about it; may be a peer's words
};

[[nodiscard]] PacketWords describe(const PacketEntry& packet);

}  // namespace sluice::proxy::tap

// Packets as a pcapng file, for Wireshark and tshark: the conversation as it would go without TLS
// and compression, in TCP that is made up around it (draft-ietf-opsawg-pcapng).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "proxy/tap/tap_entry.hpp"

namespace sluice::proxy::tap {

class PcapngWriter {
 public:
  /// What a file begins with.
  [[nodiscard]] static std::string head();
  /// The packet, as one frame or several. Towards Sluice the port is MySQL's, whichever it is, or
  /// nobody would know what it carries.
  void append(const TapEntry& entry, const PacketEntry& packet, std::string& out);

 private:
  struct Ends {
    std::uint32_t of_direction[2] = {};
  };
  void append_frame(const TapEntry& entry, Direction direction, std::uint32_t sequence,
                    Bytes payload, std::size_t size, std::string& out);

  std::map<std::uint32_t, Ends> ends_;  // of the bytes seen, by session
};

}  // namespace sluice::proxy::tap

// Messages that a peer of TLS 1.3 sends behind the handshake (RFC 8446, section 4.6).
#pragma once

#include <array>
#include <cstdint>

#include "protocol/bytes.hpp"

namespace sluice::tls {

/// Follows them from record to record. Tickets are passed over: nothing of them is kept.
class PostHandshake {
 public:
  enum class Event : std::uint8_t {
    none,
    key_update,            ///< the peer's next record has its next key
    key_update_requested,  ///< and it asks for ours
    wrong,                 ///< a message that may not come
  };

  /// The content of one record.
  [[nodiscard]] Event follow(Bytes content);
  /// In the middle of a message, where nothing else may come.
  [[nodiscard]] bool in_message() const { return head_size_ > 0; }

 private:
  std::array<std::uint8_t, 5> head_{};  // type, length, and the body of a KeyUpdate
  std::size_t head_size_ = 0;
  std::size_t rest_ = 0;  // of a ticket
};

}  // namespace sluice::tls

#include "protocol/tls/post_handshake.hpp"

#include <algorithm>

namespace sluice::tls {
namespace {

constexpr std::uint8_t new_session_ticket = 4;
constexpr std::uint8_t key_update = 24;
constexpr std::size_t head_size = 4;
/// Lifetime, age, nonce, a ticket of two bytes' length, extensions of as much.
constexpr std::size_t max_ticket = std::size_t{256} << 10;

}  // namespace

PostHandshake::Event PostHandshake::follow(Bytes content) {
  if (content.empty()) return Event::wrong;
  while (!content.empty()) {
    if (rest_ > 0) {
      const std::size_t size = std::min(rest_, content.size());
      content = content.subspan(size);
      rest_ -= size;
      if (rest_ == 0) head_size_ = 0;
      continue;
    }
    head_[head_size_++] = content.front();
    content = content.subspan(1);
    if (head_size_ < head_size) continue;
    const std::size_t length =
        std::size_t{head_[1]} << 16 | std::size_t{head_[2]} << 8 | std::size_t{head_[3]};
    if (head_[0] == new_session_ticket && length > 0 && length <= max_ticket) {
      rest_ = length;
      continue;
    }
    if (head_[0] != key_update || length != 1) return Event::wrong;
    if (head_size_ == head_size) continue;
    // Behind it the key is another: nothing may follow in the same record.
    if (!content.empty() || head_[head_size] > 1) return Event::wrong;
    head_size_ = 0;
    return head_[head_size] == 1 ? Event::key_update_requested : Event::key_update;
  }
  return Event::none;
}

}  // namespace sluice::tls

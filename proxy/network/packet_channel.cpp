#include "proxy/network/packet_channel.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace sluice::proxy {

using Status = wire::PacketAssembler::Status;

namespace {

/// What comes may be a password.
struct Wiped {
  Buffer bytes;

  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { wipe(); }
  void resize(std::size_t size) {
    wipe();
    bytes.resize(size);
  }

 private:
  void wipe() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

}  // namespace

Task<std::optional<Bytes>> PacketChannel::read() {
  constexpr std::size_t largest_piece = 16384;
  constexpr unsigned most_pieces = 64;  // of a large packet, before others of the thread go first
  Wiped piece;
  for (unsigned pieces = 1;; ++pieces) {
    if (pieces % most_pieces == 0 && !connection_->has_waited()) {
      co_await boost::asio::post(use_task);
    }
    if (unread_.empty()) {
      if (ahead_.empty()) piece.resize(std::min(assembler_.wanted(), largest_piece));
      const MutableBytes room = ahead_.empty() ? MutableBytes(piece.bytes) : ahead_;
      const std::size_t size = co_await connection_->read_some(room);
      if (size == 0) co_return std::nullopt;
      unread_ = room.first(size);
    }
    const auto step = assembler_.feed(unread_);
    unread_ = unread_.subspan(step.consumed);
    switch (step.status) {
      case Status::complete:
        co_return assembler_.payload();
      case Status::need_more:
        break;
      case Status::too_large:
        connection_->close("a packet that is too large");
        co_return std::nullopt;
      case Status::bad_sequence:
        connection_->close("packets out of order");
        co_return std::nullopt;
    }
  }
}

}  // namespace sluice::proxy

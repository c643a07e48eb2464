#include "proxy/packet_channel.hpp"

#include <algorithm>
#include <array>

namespace sluice::proxy {

using Status = wire::PacketAssembler::Status;

Task<std::optional<Bytes>> PacketChannel::read() {
  std::array<std::uint8_t, wire::packet_header_size> header{};
  Buffer piece;
  for (;;) {
    if (!co_await connection_->read_exactly(header)) co_return std::nullopt;
    Status status = assembler_.feed(header).status;
    std::size_t missing = static_cast<std::size_t>(load_le<3>(header.data()));
    while (missing > 0 && status == Status::need_more) {
      constexpr std::size_t largest_piece = 16384;
      piece.resize(std::min(missing, largest_piece));
      if (!co_await connection_->read_exactly(piece)) co_return std::nullopt;
      missing -= piece.size();
      status = assembler_.feed(piece).status;
    }
    switch (status) {
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

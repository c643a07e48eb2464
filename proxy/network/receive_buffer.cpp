#include "proxy/network/receive_buffer.hpp"

#include <atomic>

namespace sluice::proxy {
namespace {

/// Of the whole program, as the kernel's limit is one for all connections.
std::atomic<unsigned> dumps = 0;

constexpr unsigned few = 8;

/// The kernel doubles it (SO_RCVBUF in socket(7)), and has a limit of its own (rmem_max).
const boost::asio::socket_base::receive_buffer_size bound(512 << 10);

}  // namespace

ReceiveBuffer::ReceiveBuffer(Socket& socket) : socket_(socket) {
  dumps.fetch_add(1, std::memory_order_relaxed);
}

ReceiveBuffer::~ReceiveBuffer() {
  dumps.fetch_sub(1, std::memory_order_relaxed);
}

void ReceiveBuffer::bound_if_many() {
  if (bounded_ || dumps.load(std::memory_order_relaxed) <= few) return;
  bounded_ = true;
  boost::system::error_code ignored;  // it has been closed
  socket_.set_option(bound, ignored);
}

}  // namespace sluice::proxy

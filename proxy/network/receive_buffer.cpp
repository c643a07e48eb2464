#include "proxy/network/receive_buffer.hpp"

#include <sys/socket.h>

#include <atomic>

namespace sluice::proxy {
namespace {

/// Of the whole program, as the kernel's limit is one for all connections.
std::atomic<unsigned> dumps = 0;

constexpr unsigned few = 8;

/// In bytes. The kernel doubles it (SO_RCVBUF in socket(7)), and has a limit of its own (rmem_max).
constexpr int bound = 512 << 10;

/// Nothing happens where the socket has been closed, or the kernel does not know it.
void set(Socket& socket, int option, int value) {
  (void)::setsockopt(socket.native_handle(), SOL_SOCKET, option, &value, sizeof value);
}

}  // namespace

ReceiveBuffer::ReceiveBuffer(Socket& socket) : socket_(socket) {
  dumps.fetch_add(1, std::memory_order_relaxed);
}

ReceiveBuffer::~ReceiveBuffer() {
  dumps.fetch_sub(1, std::memory_order_relaxed);
}

void ReceiveBuffer::adapt() {
  const bool many = dumps.load(std::memory_order_relaxed) > few;
  if (many == bounded_) return;
  bounded_ = many;
  if (many) {
    set(socket_, SO_RCVBUF, bound);
  } else {
    // The kernel's choice again, which it is not once a size has been set. From Linux 5.14 on.
    set(socket_, SO_BUF_LOCK, 0);
  }
}

}  // namespace sluice::proxy

#include "proxy/network/receive_buffer.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

using sluice::proxy::ReceiveBuffer;
using sluice::proxy::Socket;

namespace {

/// Bytes, as the kernel counts them.
int size_of(const Socket& socket) {
  boost::asio::socket_base::receive_buffer_size size;
  socket.get_option(size);
  return size.value();
}

}  // namespace

TEST_CASE("the kernel's buffers are bounded from the ninth dump on, also those of the others") {
  boost::asio::io_context context;
  const auto v4 = boost::asio::ip::tcp::v4();
  Socket socket(context, v4), untouched(context, v4), another(context, v4);
  {
    ReceiveBuffer first(socket);
    std::vector<std::unique_ptr<ReceiveBuffer>> others;
    const auto begin_another = [&] {
      others.push_back(std::make_unique<ReceiveBuffer>(untouched));
    };
    while (others.size() < 7) begin_another();
    first.bound_if_many();
    CHECK(size_of(socket) == size_of(untouched));

    begin_another();
    first.bound_if_many();
    // It is smaller where net.core.rmem_max is, and larger than what a connection begins with.
    CHECK(size_of(socket) > size_of(untouched));
    CHECK(size_of(socket) <= 1 << 20);
  }
  // Those have ended.
  ReceiveBuffer alone(another);
  alone.bound_if_many();
  CHECK(size_of(another) == size_of(untouched));
}

#include "proxy/network/receive_buffer.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

using sluice::proxy::ReceiveBuffer;
using sluice::proxy::Socket;

namespace {

int option_of(Socket& socket, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket.native_handle(), SOL_SOCKET, name, &value, &size) == 0);
  return value;
}
/// Bytes, as the kernel counts them.
int size_of(Socket& socket) {
  return option_of(socket, SO_RCVBUF);
}
/// Whether the kernel must leave it at that size.
bool is_locked(Socket& socket) {
  return option_of(socket, SO_BUF_LOCK) != 0;
}

}  // namespace

TEST_CASE("the kernel's buffers are bounded from the ninth dump on, also those of the others") {
  boost::asio::io_context context;
  const auto v4 = boost::asio::ip::tcp::v4();
  Socket socket(context, v4), untouched(context, v4);
  ReceiveBuffer first(socket);
  std::vector<std::unique_ptr<ReceiveBuffer>> others;
  const auto begin_another = [&] { others.push_back(std::make_unique<ReceiveBuffer>(untouched)); };
  while (others.size() < 7) begin_another();
  first.adapt();
  CHECK(size_of(socket) == size_of(untouched));
  CHECK_FALSE(is_locked(socket));

  begin_another();
  first.adapt();
  CHECK(size_of(socket) != size_of(untouched));
  CHECK(size_of(socket) <= 1 << 20);  // smaller where net.core.rmem_max is
  CHECK(is_locked(socket));

  others.pop_back();
  first.adapt();
  CHECK_FALSE(is_locked(socket));
}

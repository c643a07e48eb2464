#include "proxy/master/connect.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <vector>

#include "proxy/event_loop/spawn.hpp"

using namespace sluice::proxy;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

const auto loopback = boost::asio::ip::address_v4::loopback();

/// Listens, and answers while there is room for those who are not accepted.
class Host {
 public:
  explicit Host(boost::asio::io_context& loop, int room = 10) : loop_(loop), acceptor_(loop) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({loopback, 0});
    acceptor_.listen(room);
  }
  [[nodiscard]] tcp::endpoint address() const { return acceptor_.local_endpoint(); }

  /// From now on the kernel drops who knocks: silence, as behind a firewall.
  void fill() {
    for (int i = 0; i < 4; ++i) {
      tcp::socket& socket = inside_.emplace_back(loop_);
      socket.open(tcp::v4());
      socket.non_blocking(true);
      // Asio's own would wait for the answer.
      const tcp::endpoint here = address();
      (void)::connect(socket.native_handle(), here.data(), static_cast<socklen_t>(here.size()));
    }
  }
  void close() { acceptor_.close(); }

 private:
  boost::asio::io_context& loop_;
  tcp::acceptor acceptor_;
  std::vector<tcp::socket> inside_;
};

struct Try {
  std::string failure;
  tcp::endpoint reached;
};

Try try_all(boost::asio::io_context& loop, const std::vector<tcp::endpoint>& addresses,
            Duration time, std::string_view interrupted_by = {}) {
  Try result;
  Interrupt interrupt;
  if (!interrupted_by.empty()) interrupt.raise(interrupted_by);
  spawn(loop, "test", [&]() -> Task<void> {
    const auto connected =
        co_await connect(addresses, std::chrono::steady_clock::now() + time, interrupt);
    if (connected) {
      result.reached = (*connected)->socket().remote_endpoint();
      (*connected)->close("done");
    } else {
      result.failure = connected.error();
    }
  });
  loop.restart();
  loop.run();
  return result;
}

}  // namespace

TEST_CASE("of several addresses the first that answers is taken") {
  boost::asio::io_context loop;
  Host silent(loop, 0);
  silent.fill();
  Host gone(loop);
  const tcp::endpoint refusing = gone.address();
  gone.close();
  Host first(loop);
  const Host second(loop);

  CHECK(try_all(loop, {first.address(), second.address()}, 5s).reached == first.address());
  CHECK(try_all(loop, {refusing, second.address()}, 5s).reached == second.address());
  // The silent one has a third of the time.
  CHECK(try_all(loop, {silent.address(), refusing, second.address()}, 900ms).reached ==
        second.address());
}

TEST_CASE("why none of the addresses could be reached") {
  boost::asio::io_context loop;
  Host silent(loop, 0);
  silent.fill();
  Host gone(loop);
  const tcp::endpoint refusing = gone.address();
  gone.close();

  CHECK(try_all(loop, {silent.address(), refusing}, 2s).failure ==
        "127.0.0.1: timed out after 1 s while connecting to the server; "
        "127.0.0.1: Connection refused");
  CHECK(try_all(loop, {refusing, silent.address()}, 1s).failure ==
        "127.0.0.1: Connection refused; "
        "127.0.0.1: timed out after 1 s while connecting to the server");
  CHECK(try_all(loop, {refusing}, 1s, "the end").reached == tcp::endpoint());
  CHECK(try_all(loop, std::vector(7, refusing), 5s)
            .failure.ends_with("; 127.0.0.1: Connection refused; and 3 more addresses"));
}

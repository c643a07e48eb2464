// A client that logs in and hangs up, again and again: for measuring what a login costs the other
// side. With --handshake-only it speaks TLS at once and says nothing more, as `openssl s_server`
// expects it. Prints a line of JSON at the end.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>

#include "bench/client.hpp"
#include "proxy/event_loop/spawn.hpp"

using namespace sluice;
using namespace sluice::bench;
using namespace sluice::proxy;

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Options {
  ClientOptions client;
  unsigned count = 100;
  unsigned at_once = 1;
  bool handshake_only = false;
};

class Logins {
 public:
  Logins(const Options& options, const MasterTarget& target) : options_(options), target_(target) {}

  void run() {
    const auto begin = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < options_.at_once; ++i) {
      spawn(context_, "login", [this] { return repeat(); });
    }
    context_.run();
    const double seconds = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - begin) * 1e-9;
    std::printf("{\"logins\": %u, \"seconds\": %.4f}\n", options_.count, seconds);
  }

 private:
  Task<void> repeat() {
    while (done_ < options_.count) {
      ++done_;
      if (options_.handshake_only) {
        co_await shake_hands();
      } else {
        co_await log_in();
      }
    }
  }

  Task<void> log_in() {
    auto opened = co_await MasterConnection::open(target_, never_);
    if (!opened) fail(opened.error().text);
    co_await (*opened)->quit();
  }

  /// Waits for the other side to hang up: all of its work has been done then.
  Task<void> shake_hands() {
    auto connection = std::make_shared<Connection>(Socket(context_));
    const tcp::endpoint endpoint(asio::ip::make_address(target_.config.host), target_.config.port);
    boost::system::error_code error;
    co_await connection->socket().async_connect(endpoint, asio::redirect_error(use_task, error));
    if (error) fail("connecting: " + error.message());
    connection->tune({});
    const std::string nobody;
    const bool secure = co_await connection->connect_tls(*target_.tls, nobody);
    if (!secure) fail(connection->error());
    connection->socket().shutdown(Socket::shutdown_send, error);
    Buffer buffer(1024);
    std::size_t size = 1;
    while (size > 0) size = co_await connection->read_some(buffer);
  }

  const Options& options_;
  const MasterTarget& target_;
  asio::io_context context_{1};
  Interrupt never_;
  unsigned done_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  Options options;
  CLI::App app("Logs in and hangs up, again and again.");
  options.client.add_to(app);
  app.add_option("--count", options.count, "logins");
  app.add_option("--at-once", options.at_once, "of them at the same time");
  app.add_flag("--handshake-only", options.handshake_only,
               "TLS from the first byte, and nothing else");
  CLI11_PARSE(app, count, arguments);
  const MasterTarget target = options.client.target();
  if (options.handshake_only && !target.tls) fail("--handshake-only needs --tls");
  Logins(options, target).run();
  return 0;
}

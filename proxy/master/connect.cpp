#include "proxy/master/connect.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

namespace sluice::proxy {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::string_view doing = "connecting to the server";
constexpr std::size_t most_told = 4;  // of addresses that have failed

Duration time_until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<Duration>(deadline - Clock::now()), Duration(1));
}

}  // namespace

Task<boost::system::result<std::shared_ptr<Connection>, std::string>> connect(
    std::span<const asio::ip::tcp::endpoint> addresses, Clock::time_point deadline,
    Interrupt& interrupt) {
  const auto executor = co_await asio::this_coro::executor;
  std::string failures;
  for (std::size_t i = 0; i < addresses.size() && !interrupt.raised(); ++i) {
    const auto connection = std::make_shared<Connection>(Socket(executor));
    interrupt.watch(connection);
    const auto addresses_left = static_cast<Duration::rep>(addresses.size() - i);
    connection->set_deadline(std::max(time_until(deadline) / addresses_left, Duration(1)), doing);
    boost::system::error_code error;
    co_await connection->socket().async_connect(addresses[i],
                                                asio::redirect_error(use_task, error));
    // Closed by the deadline when it had been made already.
    if (!error && connection->error().empty()) {
      connection->socket().non_blocking(true, error);
      connection->set_deadline(time_until(deadline), doing);
      co_return connection;
    }
    if (i < most_told) {
      const std::string& ended = connection->error();
      if (!failures.empty()) failures += "; ";
      failures += addresses[i].address().to_string() + ": ";
      failures += ended.empty() ? error.message() : ended;
    }
    connection->close("not connected");
  }
  if (addresses.size() > most_told) {
    failures += "; and " + std::to_string(addresses.size() - most_told) + " more addresses";
  }
  co_return failures;
}

}  // namespace sluice::proxy

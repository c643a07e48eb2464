// Starting coroutines that nobody waits for. An exception, such as one for memory, ends the
// coroutine alone and is logged.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "proxy/logging.hpp"
#include "proxy/task.hpp"

namespace sluice::proxy {

/// Logs an exception that has ended `what`. Returns whether there was one.
inline bool log_exception(std::string_view what, const std::exception_ptr& exception) {
  if (!exception) return false;
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    log::error("given up", {{"what", what}, {"reason", error.what()}});
  }
  return true;
}

/// Runs the coroutine that `function` makes on the executor. What `function` holds lives as long as
/// the coroutine. `what` is a literal.
template <typename Executor, typename Function>
void spawn(Executor& executor, std::string_view what, Function function) {
  boost::asio::co_spawn(executor, std::move(function), [what](const std::exception_ptr& exception) {
    (void)log_exception(what, exception);
  });
}

/// The same for what others rely on, such as accepting connections: it is begun anew a moment after
/// an exception.
template <typename Function>
void keep_running(boost::asio::io_context& context, std::string_view what, Function function) {
  constexpr auto pause = std::chrono::milliseconds(100);
  boost::asio::co_spawn(context, function, [=, &context](const std::exception_ptr& exception) {
    if (!log_exception(what, exception)) return;
    auto timer = std::make_shared<Timer>(context, pause);
    timer->async_wait([=, &context](const boost::system::error_code& cancelled) {
      (void)timer;
      if (!cancelled) keep_running(context, what, function);
    });
  });
}

}  // namespace sluice::proxy

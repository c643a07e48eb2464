// Starting coroutines that nobody waits for. An exception, such as one for memory, ends the
// coroutine alone and is logged.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <exception>
#include <thread>
#include <utility>

#include "proxy/event_loop/task.hpp"
#include "proxy/log/logging.hpp"

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

/// See keep_running().
template <typename Function>
Task<void> begin_anew(boost::asio::io_context& context, std::string_view what, Function function) {
  constexpr auto pause = std::chrono::milliseconds(100);
  Timer timer(context);
  while (!context.stopped()) {
    try {
      co_await function();
      co_return;
    } catch (const std::exception&) {
      (void)log_exception(what, std::current_exception());
    }
    bool waited = false;
    try {
      boost::system::error_code cancelled;
      timer.expires_after(pause);
      co_await timer.async_wait(boost::asio::redirect_error(use_task, cancelled));
      waited = true;
    } catch (const std::exception&) {
      // No memory for that either.
    }
    if (!waited) std::this_thread::sleep_for(pause);
  }
}

/// The same for what others rely on, such as accepting connections: it is begun anew a moment after
/// an exception. Asio destroys it without one, though, where it has no memory to begin what a
/// coroutine is to wait for.
template <typename Function>
void keep_running(boost::asio::io_context& context, std::string_view what, Function function) {
  spawn(context, what, [&context, what, function = std::move(function)] {
    return begin_anew(context, what, function);
  });
}

}  // namespace sluice::proxy

// Starting coroutines that nobody waits for.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>

#include "proxy/logging.hpp"

namespace sluice::proxy {

/// Runs the coroutine that `function` makes on the executor. What `function` holds lives as long as
/// the coroutine. An exception, such as one for memory, ends the coroutine alone and is logged.
template <typename Executor, typename Function>
void spawn(Executor& executor, Function function) {
  boost::asio::co_spawn(executor, std::move(function), [](const std::exception_ptr& exception) {
    if (!exception) return;
    try {
      std::rethrow_exception(exception);
    } catch (const std::exception& error) {
      log::error("a session was given up", {{"reason", error.what()}});
    }
  });
}

}  // namespace sluice::proxy

// What coroutines return and wait with, and the sockets and timers they use: all on the event loop
// of one thread (thread_pool.hpp). Asio's usual types could be on any kind of executor, and ask
// which one it is with each step.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace sluice::proxy {

using Executor = boost::asio::io_context::executor_type;

/// What coroutines return. GCC 12 miscompiles some co_awaits that are a part of an expression:
/// frames are laid out wrongly, temporaries destroyed twice. So a co_await stands alone, as a
/// statement, an initialiser or, negated, the condition of an `if` (but not as the first statement
/// of a Task<void>): never beside &&, || or ?:, never within an argument, and its own arguments are
/// no temporaries that have a destructor.
template <typename T>
using Task = boost::asio::awaitable<T, Executor>;

/// For what Asio does, in a Task.
inline constexpr boost::asio::use_awaitable_t<Executor> use_task;

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace sluice::proxy

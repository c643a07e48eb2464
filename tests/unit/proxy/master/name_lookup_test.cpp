#include "proxy/master/name_lookup.hpp"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <string_view>

#include "proxy/event_loop/spawn.hpp"
#include "unit/heap.hpp"

using namespace sluice::proxy;
using namespace std::chrono_literals;

namespace {

/// A name server that does not answer, until it is told to.
class SilentServer {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return answers_; });
    --asked_;
    changed_.notify_all();
  }
  void answer() {
    std::unique_lock lock(mutex_);
    answers_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return asked_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int asked_ = 0;
  bool answers_ = false;
};

/// Never destroyed: a lookup may outlive all tests.
SilentServer& silent = *new SilentServer;

using Found = boost::system::result<Addresses, std::string>;

/// Of the last lookup.
std::atomic<bool> takes_signals = true;

std::optional<Found> look(boost::asio::io_context& loop, std::string host,
                          std::chrono::steady_clock::duration timeout) {
  std::optional<Found> found;
  Interrupt interrupt;
  spawn(loop, "test",
        [&]() -> Task<void> { found = co_await look_up(host, 3306, timeout, interrupt); });
  loop.restart();
  loop.run();
  return found;
}

}  // namespace

/// In the place of the C library's.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  if (std::string_view(host) == "silent.invalid") {
    silent.wait();
    return EAI_AGAIN;
  }
  sigset_t blocked{};
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  takes_signals = sigismember(&blocked, SIGHUP) == 0 || sigismember(&blocked, SIGTERM) == 0;
  if (std::string_view(host) == "unknown.invalid") return EAI_NONAME;
#ifdef SLUICE_TESTS_HAVE_OWN_HEAP
  if (std::string_view(host) == "poor.invalid") {
    sluice::test::lose_blocks(SIZE_MAX);  // all of this thread's
    return EAI_NONAME;
  }
#endif
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"))(host, service, hints, found);
}

TEST_CASE("a host has addresses, an address is one, and what cannot be looked up says why") {
  boost::asio::io_context loop{1};
  for (const std::string host : {"localhost", "127.0.0.1", "::1"}) {
    CAPTURE(host);
    const auto found = look(loop, host, 10s);
    REQUIRE(found->has_value());
    REQUIRE_FALSE((*found)->empty());
    CHECK((*found)->begin()->endpoint().address().is_loopback());
    CHECK((*found)->begin()->endpoint().port() == 3306);
  }
  CHECK(look(loop, "unknown.invalid", 10s)->error() == "Name or service not known");
}

TEST_CASE("nobody waits longer than he wants for a name server that does not answer") {
  {
    boost::asio::io_context loop{1};
    CHECK(look(loop, "silent.invalid", 1ms)->error() == "timed out");
    // Not even the end of the program, in the middle of it.
    spawn(loop, "test", []() -> Task<void> {
      const std::string host = "silent.invalid";
      Interrupt interrupt;
      (void)co_await look_up(host, 3306, 1h, interrupt);
    });
    loop.restart();
    loop.run_for(1ms);
  }
  {
    boost::asio::io_context loop{1};
    std::string why;
    Interrupt interrupt;
    spawn(loop, "test", [&]() -> Task<void> {
      const std::string host = "silent.invalid";
      for (int attempt = 0; attempt < 2; ++attempt) {
        const auto found = co_await look_up(host, 3306, 1h, interrupt);
        why += found.error() + ".";
      }
    });
    loop.poll();
    interrupt.raise("the end");
    loop.run_for(10s);
    CHECK(why == "the end.the end.");
  }
  silent.answer();
}

TEST_CASE("a thread that looks up takes none of the program's signals") {
  boost::asio::io_context loop{1};
  (void)look(loop, "unknown.invalid", 10s);
  CHECK_FALSE(takes_signals);
  sigset_t blocked{};
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  CHECK(sigismember(&blocked, SIGTERM) == 0);
}

#ifdef SLUICE_TESTS_HAVE_OWN_HEAP

TEST_CASE("a thread that looks up may run out of memory") {
  boost::asio::io_context loop{1};
  CHECK(look(loop, "poor.invalid", 100ms)->error() == "Name or service not known");
}

#endif

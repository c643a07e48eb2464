#include "proxy/event_loop/spawn.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>
#include <new>

#include "proxy/event_loop/thread_pool.hpp"
#include "unit/heap.hpp"
#include "unit/proxy/log/log_capture.hpp"

using namespace sluice::proxy;
using sluice::test::LogCapture;

namespace {

Task<void> run_out_of_memory() {
  throw std::bad_alloc();
  co_return;
}

}  // namespace

TEST_CASE("an exception ends a coroutine alone") {
  const LogCapture log;
  boost::asio::io_context loop{1};
  bool other = false;
  spawn(loop, "first", [] { return run_out_of_memory(); });
  spawn(loop, "second", [&]() -> Task<void> {
    other = true;
    co_return;
  });
  loop.run();
  CHECK(other);
  CHECK(log.lines() == std::vector<std::string>{"error given up what=first reason=std::bad_alloc"});
}

TEST_CASE("what others rely on is begun anew after an exception, until it ends by itself") {
  const LogCapture log;
  boost::asio::io_context loop{1};
  int begun = 0;
  keep_running(loop, "service", [&]() -> Task<void> {
    if (++begun < 3) throw std::bad_alloc();
    co_return;
  });
  loop.run();
  CHECK(begun == 3);
  CHECK(log.lines().size() == 2);
}

#ifdef SLUICE_TESTS_HAVE_OWN_HEAP

TEST_CASE("what others rely on is begun anew when there is memory again, and needs none for that") {
  const LogCapture log;
  for (const std::size_t blocks : {1, 2, 4, 8, 16, 32}) {
    CAPTURE(blocks);
    boost::asio::io_context loop{1};
    int begun = 0;
    keep_running(loop, "service", [&]() -> Task<void> {
      if (++begun == 2) co_return;
      sluice::test::lose_blocks(blocks);
      throw std::bad_alloc();
    });
    run_to_the_end(loop);
    CHECK(sluice::test::stop_losing_blocks());
    CHECK(begun == 2);
  }
}

#endif

TEST_CASE("a handler that throws does not end its thread") {
  const LogCapture log;
  ThreadPool threads(1);
  boost::asio::post(threads.first(), [] { throw std::bad_alloc(); });
  boost::asio::post(threads.first(), [&] { threads.stop(); });
  threads.run();
  CHECK(log.lines().size() == 1);
}

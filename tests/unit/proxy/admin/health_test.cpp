#include <doctest/doctest.h>

#include "proxy/admin/snapshot.hpp"
#include "proxy/admin/status_json.hpp"
#include "proxy/admin/thread_watch.hpp"

namespace sluice::proxy::admin {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a thread that does not run what it is asked to is noticed, and asked once") {
  boost::asio::io_context good;
  boost::asio::io_context held;
  ThreadWatch watch({good.get_executor(), held.get_executor()});
  const ThreadWatch::Time start{1h};
  CHECK(watch.waits(start) == 0s);
  for (const auto after : {0s, 1s, 2s}) {
    watch.look(start + after);
    (void)good.poll();
    good.restart();
  }
  CHECK(watch.waits(start + 12s) == 12s);
  CHECK(held.poll() == 1);
  CHECK(watch.waits(start + 12s) == 0s);
  watch.look(start + 12s);
  CHECK(watch.waits(start + 13s) == 1s);
}

TEST_CASE("what /healthz says") {
  CHECK(alive_json(9s) == R"({"alive":true})");
  CHECK(
      alive_json(12s) ==
      R"({"alive":false,"error":"a thread of the relays has been held up for 12 s: restart Sluice"})");
}

TEST_CASE("that a master was reached is not known for ever") {
  const MasterReach reached{MasterReach::State::reached, "", nullptr};
  CHECK(as_of(reached.seen + 70s, reached, 10s).state == MasterReach::State::reached);
  const auto later = as_of(reached.seen + 71s, reached, 10s);
  CHECK(later.state == MasterReach::State::unknown);
  CHECK(later.error == "it was reached 71 s ago, and not probed since");
  const MasterReach lost{MasterReach::State::lost, "gone", nullptr};
  CHECK(as_of(lost.seen + 71s, lost, 10s).error == "gone");
}

TEST_CASE("a session that does not answer stays as it was") {
  SessionStatus one;
  one.id = 7;
  one.state = SessionStatus::State::streaming;
  one.counters.bytes = 100;
  const std::chrono::system_clock::time_point start{1h};
  const auto before = make_snapshot({}, {}, {one}, start);
  std::vector<SessionStatus> answers;
  keep_silent(before, {6, 7}, answers);
  const auto now = make_snapshot(before, {}, answers, start + 1s);
  REQUIRE(now.sessions.size() == 1);
  CHECK(now.sessions[0].status.id == 7);
  CHECK(now.sessions[0].status.counters.bytes == 100);
  CHECK(now.sessions[0].rates.bytes == 0);
}

}  // namespace
}  // namespace sluice::proxy::admin

#include "proxy/admin/tap_feed.hpp"

#include "proxy/replica/session_registry.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"
#include "unit/proxy/log/log_capture.hpp"
#include "unit/proxy/tap/tap_support.hpp"

using namespace sluice;
using namespace sluice::proxy;

TEST_CASE("a tap tells much in messages of bounded size") {
  const test::LogCapture log;
  admin::Knowledge knowledge;
  knowledge.config.tap = TapContent::full;
  knowledge.sessions = std::make_shared<SessionRegistry>();
  admin::Request request;
  request.query = "format=json&type=query_compressed";
  auto opened = admin::open_tap(request, knowledge);
  auto& feed = *std::get<std::unique_ptr<admin::Feed>>(opened);

  test::TappedSession session(true, 7, knowledge.sessions->taps());
  test::BinlogBuilder builder({"10.11.19-MariaDB-log", 171, true, false});
  builder.begin_dump();
  constexpr std::size_t count = 50;
  const std::string statement = "INSERT INTO t VALUES ('" + std::string(500000, 'y') + "')";
  for (std::size_t i = 0; i < count; ++i) builder.begin().query_compressed(statement).xid();
  (void)test::pass(session, builder.stream(), 100000);

  std::size_t told = 0;
  for (;;) {
    const auto message = feed.next();
    if (message.content.empty()) break;
    CHECK(message.content.size() < std::size_t{2} << 20);
    CHECK(message.content.ends_with("\n"));
    CHECK_FALSE(message.last);
    told += static_cast<std::size_t>(std::ranges::count(message.content, '\n'));
  }
  CHECK(told == count);
}

TEST_CASE("a tap that has much to tell lets others have their turn in between") {
  const test::LogCapture log;
  admin::Knowledge knowledge;
  knowledge.config.tap = TapContent::full;
  knowledge.sessions = std::make_shared<SessionRegistry>();
  admin::Request request;
  request.query = "format=json&type=xid";
  request.peer = "127.0.0.1:40000";
  auto opened = admin::open_tap(request, knowledge);
  CHECK(log.lines().back().find(" peer=127.0.0.1:40000 ") != std::string::npos);
  auto& feed = *std::get<std::unique_ptr<admin::Feed>>(opened);

  test::TappedSession session(true, 7, knowledge.sessions->taps());
  test::BinlogBuilder builder({"9.7.4", 42, true, false});
  builder.begin_dump();
  constexpr std::ptrdiff_t count = 1000;
  for (std::ptrdiff_t i = 0; i < count; ++i) builder.begin().xid();
  (void)test::pass(session, builder.stream(), 100000);

  std::ptrdiff_t told = 0;
  while (told < count) {
    const auto lines = std::ranges::count(feed.next().content, '\n');
    REQUIRE((lines > 0 && lines <= 64));
    told += lines;
    CHECK(feed.pause() == std::chrono::milliseconds(told < count ? 5 : 50));
  }
  CHECK(told == count);
}

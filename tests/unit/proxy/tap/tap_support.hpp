// A session that is tapped by readers of a test's choice.
#pragma once

#include <doctest/doctest.h>

#include "proxy/events/output.hpp"
#include "proxy/tap/event_tap.hpp"
#include "proxy/tap/pcapng.hpp"
#include "proxy/tap/tap_lines.hpp"

namespace sluice::test {

using proxy::tap::SessionTap;
using proxy::tap::Subscription;
using proxy::tap::Subscriptions;

inline proxy::tap::TapFilter tap_filter(std::string_view query) {
  auto filter = proxy::tap::parse_tap_filter(query);
  REQUIRE(filter.has_value());
  return *filter;
}

struct TappedSession {
  explicit TappedSession(bool may_show_content = true, std::uint32_t id = 7)
      : tap(all, id, may_show_content, [id] {
          using boost::asio::ip::make_address;
          return proxy::tap::SessionFacts{id,
                                          "orders",
                                          "127.0.0.1:40000",
                                          {make_address("127.0.0.1"), 40000},
                                          {make_address("127.0.0.2"), 23306}};
        }) {}

  std::shared_ptr<Subscription> add(std::string_view query, bool full = true) {
    auto reader = std::make_shared<Subscription>(tap_filter(query), full);
    all->add(reader);
    return reader;
  }

  std::shared_ptr<Subscriptions> all = std::make_shared<Subscriptions>();
  SessionTap tap;
};

inline std::string lines_of(Subscription& reader) {
  proxy::events::Output out;
  proxy::tap::TapLines lines(reader.filter, out);
  const auto taken = reader.queue.take();
  for (const auto& entry : taken.entries) lines.print(entry);
  lines.print_lost(taken.lost);
  return out.take();
}

}  // namespace sluice::test

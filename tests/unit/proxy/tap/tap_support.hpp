// A session that is tapped by readers of a test's choice.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "filters/stream/stream_buffer.hpp"
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
  explicit TappedSession(bool may_show_content = true, std::uint32_t id = 7,
                         std::shared_ptr<Subscriptions> taps = std::make_shared<Subscriptions>())
      : all(std::move(taps)), tap(all, id, may_show_content, [id] {
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

  std::shared_ptr<Subscriptions> all;
  SessionTap tap;
};

/// Lets a dump pass in pieces of that size; returns what the replica gets.
inline Buffer pass(TappedSession& session, const Buffer& stream, std::size_t piece,
                   const filters::TableRules& rules = {}) {
  filters::StreamFilter filter(rules);
  proxy::tap::EventTap event_tap(session.tap, filter, nullptr);
  filters::StreamBuffer buffer;
  Buffer sent;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min({piece, stream.size() - at, buffer.free_space().size()});
    std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), size,
                buffer.free_space().begin());
    at += size;
    buffer.received(size);
    session.tap.look();
    filter.set_observer(session.tap.wants_events() ? &event_tap : nullptr);
    if (session.tap.wants_stream()) session.tap.join_stream(filter, false);
    const std::size_t released = filter.scan(buffer.pending());
    const Bytes bytes = buffer.pending().first(released);
    session.tap.released(bytes);
    session.tap.flush();
    sent.insert(sent.end(), bytes.begin(), bytes.end());
    buffer.release(released);
    REQUIRE(buffer.make_room(filter.wanted()));
  }
  REQUIRE(filter.state() == filters::StreamFilter::State::flowing);
  return sent;
}

inline std::string lines_of(Subscription& reader) {
  proxy::events::Output out;
  proxy::tap::TapLines lines(reader.filter, out);
  const auto taken = reader.queue.take();
  for (const auto& entry : taken.entries) lines.print(entry);
  lines.print_lost(taken.lost);
  return out.take();
}

}  // namespace sluice::test

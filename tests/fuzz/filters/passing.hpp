// Streams through a StreamFilter, as a connection passes them.
#pragma once

#include "filters/stream/stream_filter.hpp"
#include "fuzz/fuzz.hpp"

namespace sluice::fuzz {

using State = filters::StreamFilter::State;

/// How a stream is to be passed.
struct Manner {
  const filters::TableRules* rules;
  bool semi_sync = false;
  bool stop_at_border = false;
  std::optional<std::uint64_t> stop_at{};  ///< position
  filters::GroupState context{};           ///< adopted when the filter asks for it
  filters::EventObserver* observer = nullptr;
  std::uint64_t max_payload = std::uint64_t{1} << 30;
};

struct Outcome {
  Buffer out;
  State state = State::flowing;
  std::string reason;
  filters::Coordinates position;
  std::uint8_t next_sequence = 1;
  bool operator==(const Outcome&) const = default;
};

/// Passes `stream` in pieces whose sizes `piece` gives. What is not released comes again; every
/// call gets a buffer of the exact size.
template <typename PieceSize>
Outcome pass(const Manner& manner, Bytes stream, PieceSize piece) {
  filters::StreamFilter filter(
      *manner.rules, {filters::packets(manner.semi_sync), manner.observer, manner.max_payload});
  if (manner.stop_at_border) filter.stop_at_group_border();
  if (manner.stop_at) filter.stop_at_position(*manner.stop_at);

  Outcome outcome;
  Buffer pending;
  while (!stream.empty() && filter.state() == State::flowing) {
    const std::size_t size =
        std::min<std::size_t>(std::max<std::size_t>(piece(), 1), stream.size());
    pending.insert(pending.end(), stream.begin(), stream.begin() + static_cast<long>(size));
    stream = stream.subspan(size);
    do {
      Buffer given = exact(pending);
      const std::size_t released = filter.scan(given);
      expect(released <= given.size(), "no more is released than was given");
      const auto split = given.begin() + static_cast<long>(released);
      outcome.out.insert(outcome.out.end(), given.begin(), split);
      pending.assign(split, given.end());
      if (filter.state() != State::needs_context) break;
      expect(filter.between_packets(), "the context is asked for between packets");
      filter.adopt_context(manner.context);
    } while (true);
  }
  outcome.state = filter.state();
  expect((outcome.state == State::failed) == filter.failure().has_value(), "a failure says why");
  if (filter.failure()) outcome.reason = filter.failure()->reason;
  outcome.position = filter.position();
  outcome.next_sequence = filter.next_sequence();
  expect(filter.counters().bytes == outcome.out.size(), "what is released is counted");
  return outcome;
}

inline auto in_one_piece() {
  return [] { return std::size_t{1} << 30; };
}

}  // namespace sluice::fuzz

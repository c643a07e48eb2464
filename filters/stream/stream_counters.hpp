// What a stream has carried.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "filters/rules/drop_rule.hpp"
#include "protocol/binlog/event_type.hpp"

namespace sluice::filters {

struct StreamCounters {
  struct Dropped {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
  };

  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  ///< of packets, with their headers
  std::uint64_t dropped_events = 0;
  std::uint64_t dropped_bytes = 0;
  std::uint64_t payloads = 0;  ///< TRANSACTION_PAYLOADs that were opened
  /// By the event's type; those within a payload are not among them.
  std::array<std::uint64_t, 256> by_type{};
  /// Types that have come, in the order in which they came first: a stream has few of all.
  std::array<binlog::EventType, 256> types{};
  std::size_t type_count = 0;
  /// Without those that are dropped because nobody has a use for them any more.
  std::array<Dropped, drop_rules> by_rule{};

  void count(binlog::EventType type) {
    ++events;
    if (by_type[static_cast<std::size_t>(type)]++ == 0) types[type_count++] = type;
  }
  void drop(std::uint64_t size, std::optional<DropRule> rule) {
    ++dropped_events;
    dropped_bytes += size;
    if (!rule) return;
    auto& of_rule = by_rule[static_cast<std::size_t>(*rule)];
    ++of_rule.events;
    of_rule.bytes += size;
  }
  /// What was dropped within a payload.
  void add_drops(const StreamCounters& within) {
    dropped_events += within.dropped_events;
    dropped_bytes += within.dropped_bytes;
    for (std::size_t i = 0; i < by_rule.size(); ++i) {
      by_rule[i].events += within.by_rule[i].events;
      by_rule[i].bytes += within.by_rule[i].bytes;
    }
  }
};

}  // namespace sluice::filters

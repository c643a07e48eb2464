// MySQL's encoded GTID sets. Input: limit of the text, then the set.
#include "protocol/binlog/gtid_set.hpp"
#include "fuzz/fuzz.hpp"

using namespace sluice;
using fuzz::expect;

FUZZ_TARGET(gtid_set) {
  fuzz::Choices choices(input);
  const auto limit = static_cast<std::size_t>(choices.number(2));
  const Buffer encoded = fuzz::exact(choices.rest());
  const auto set = binlog::parse_gtid_set(encoded);
  if (!set) return;
  std::size_t intervals = 0;
  for (const auto& part : *set) {
    intervals += part.intervals.size();
    std::uint64_t last = 0;
    for (const auto& interval : part.intervals) {
      expect(interval.first > last && interval.last >= interval.first, "intervals are in order");
      last = interval.last;
    }
  }
  expect(intervals * 16 <= encoded.size(), "as many intervals as bytes for them");
  expect(set->size() <= encoded.size() / 16, "as many sources as bytes for them");
  const std::size_t room = std::max<std::size_t>(limit, 3);
  expect(binlog::to_text(*set, room).size() <= room, "the text keeps to the limit");
}

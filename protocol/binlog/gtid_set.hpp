// MySQL's encoded GTID sets: COM_BINLOG_DUMP_GTID, PREVIOUS_GTIDS_LOG_EVENT
// (sql/rpl_gtid_set.cc, Gtid_set::encode and encode_nsids_format).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/binlog/uuid.hpp"
#include "protocol/bytes.hpp"

namespace sluice::binlog {

struct GtidInterval {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive
  friend bool operator==(const GtidInterval&, const GtidInterval&) = default;
};

/// The intervals of one source, or since 8.3 of one source and tag.
struct GtidSetPart {
  Uuid uuid{};
  std::string tag;  // empty without
  std::vector<GtidInterval> intervals;
  friend bool operator==(const GtidSetPart&, const GtidSetPart&) = default;
};

using GtidSet = std::vector<GtidSetPart>;

/// Reads the plain and the tagged encoding. nullopt: truncated, trailing bytes, empty or unordered
/// intervals. Needs memory in proportion to the input.
[[nodiscard]] std::optional<GtidSet> parse_gtid_set(Bytes encoded);

/// "uuid:1-5:7,uuid:tag:1-3". A longer text is cut at a border and ends with "...".
/// @param limit the longest text, in characters
[[nodiscard]] std::string to_text(const GtidSet& set, std::size_t limit);

}  // namespace sluice::binlog

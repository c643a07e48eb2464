// ROTATE: the next file, or at the start of a dump the file and position that follow
// (libs/mysql/binlog/event/control_events.cpp, Rotate_event).
#pragma once

#include <optional>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

struct Rotate {
  std::uint64_t position = 0;
  std::string_view file;
};

/// `event` is the whole event; the result points into it. The ROTATE that opens a dump comes before
/// the FORMAT_DESCRIPTION that says whether events carry a checksum, so it is looked for here: four
/// last bytes that are the checksum of the others are one.
[[nodiscard]] std::optional<Rotate> parse_rotate(Bytes event);

}  // namespace sluice::binlog

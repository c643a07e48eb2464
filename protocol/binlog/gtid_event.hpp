// GTID, ANONYMOUS_GTID and GTID_TAGGED: start every group of a MySQL master, and say which
// transaction it is (libs/mysql/binlog/event/control_events.cpp, Gtid_event).
//
//   GTID, ANONYMOUS_GTID = flags:1 uuid:16 number:8              all there is in 5.6
//                          [2 last_committed:8 sequence_number:8   from 5.7 on
//                          [commit times, length of the group, server versions]]   from 8.0.1 on
//   GTID_TAGGED          = the same fields and the tag, each with its number, in integers of
//                          variable length (libs/mysql/serialization); from 8.3 on
#pragma once

#include <optional>
#include <string>

#include "protocol/binlog/event_header.hpp"
#include "protocol/binlog/uuid.hpp"

namespace sluice::binlog {

/// The longest tag (libs/mysql/gtid/gtid_constants.h, tag_max_length).
constexpr std::size_t max_gtid_tag_size = 32;
/// Whether it has no more than that, and no other characters than tags have.
[[nodiscard]] bool can_be_gtid_tag(std::string_view text);

/// The GTID of one transaction. A value without memory of its own: there is one in every group.
struct Gtid {
  bool anonymous = false;     ///< written without GTIDs; all else is zero
  std::uint8_t tag_size = 0;  ///< 0 without a tag
  std::array<char, max_gtid_tag_size> tag_chars{};
  Uuid uuid{};
  std::uint64_t number = 0;

  [[nodiscard]] std::string_view tag() const { return {tag_chars.data(), tag_size}; }
};

/// As many bytes of the body are enough for parse_gtid_event(), in every layout.
constexpr std::size_t max_gtid_prefix_size = 128;

/// `body` starts behind the event header and may be cut behind max_gtid_prefix_size bytes. Fails
/// when what names the transaction is missing or cannot be: number 0, a tag of other characters.
[[nodiscard]] std::optional<Gtid> parse_gtid_event(EventType type, Bytes body);

/// "uuid:17", "uuid:tag:17" or "ANONYMOUS".
[[nodiscard]] std::string to_text(const Gtid& gtid);

}  // namespace sluice::binlog

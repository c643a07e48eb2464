// What somebody who taps wants to see, as the query of /api/v1/tap says it.
#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "filters/stream/event_observer.hpp"

namespace sluice::proxy::tap {

struct TapFilter {
  enum class Format : std::uint8_t {
    text,
    json,    ///< an object a line
    pcapng,  ///< packets, for Wireshark
  };

  Format format = Format::text;
  std::vector<std::uint32_t> sessions;
  bool next = false;                 ///< the session that begins next; with none of both: all
  std::array<bool, 256> types{};     ///< of events
  bool packets = true;               ///< those that are no events
  std::vector<std::string> schemas;  ///< of an event's table, or a statement's default; none: any
  bool only_dropped = false;
  bool rows = false;

  TapFilter() { types.fill(true); }

  /// Whether the event may be one of them. Of some the schema is not known yet.
  [[nodiscard]] bool may_want(const filters::SeenEvent& seen) const {
    if (!types[static_cast<std::size_t>(seen.header.type)]) return false;
    if (only_dropped && !seen.dropped) return false;
    return schemas.empty() || seen.subject.schema.empty() || wants_schema(seen.subject.schema);
  }
  [[nodiscard]] bool wants_schema(std::string_view schema) const;
  [[nodiscard]] bool wants_all_events() const;
};

/// Reads `name=value&...`, percent-encoded:
///
///     format=text|json|pcapng  session=ID  next=1  type=NAME  schema=NAME  dropped=1  rows=1
///
/// `session`, `type` and `schema` may come several times. A type is one whose name begins so, in
/// whatever case; `packet` is what is no event. The error is a sentence.
[[nodiscard]] boost::system::result<TapFilter, std::string> parse_tap_filter(
    std::string_view query);

/// For a value in a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace sluice::proxy::tap

#include "proxy/tap/tap_filter.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "protocol/ascii.hpp"
#include "protocol/hex.hpp"

namespace sluice::proxy::tap {
namespace {

constexpr std::size_t max_values = 100;

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      decoded += text.front();
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const auto byte = from_hex(text.substr(1, 2));
    if (!byte) return std::nullopt;
    decoded += *byte;
    text.remove_prefix(2);
  }
  return decoded;
}

bool is_flag(std::string_view value) {
  return value.empty() || value == "1" || value == "true";
}

/// What the query has said so far, with what can be judged only at its end.
class Reading {
 public:
  /// A sentence, or nothing.
  std::string read(std::string_view name, const std::string& value) {
    if (name == "format") return read_format(value);
    if (name == "session") return read_session(value);
    if (name == "type") return read_type(value);
    if (name == "schema") {
      filter_.schemas.push_back(value);
      return filter_.schemas.size() > max_values ? "too many schemas" : "";
    }
    bool* const flag = name == "next"      ? &filter_.next
                       : name == "dropped" ? &filter_.only_dropped
                       : name == "rows"    ? &filter_.rows
                                           : nullptr;
    if (flag == nullptr) {
      return "the query knows format, session, next, type, schema, dropped and rows only";
    }
    *flag = is_flag(value);
    return value == "0" || value == "false" || *flag ? "" : "a flag is 1 or 0";
  }

  std::string finish() {
    const bool about_events =
        typed_ || !filter_.schemas.empty() || filter_.only_dropped || filter_.rows;
    if (filter_.format == TapFilter::Format::pcapng && about_events) {
      return "pcapng has the packets of whole sessions: type, schema, dropped and rows are not "
             "for it";
    }
    if (filter_.next && !filter_.sessions.empty()) return "either session or next";
    if (typed_) {
      filter_.packets = typed_packets_;
    } else {
      filter_.packets = filter_.schemas.empty() && !filter_.only_dropped;
    }
    return {};
  }

  [[nodiscard]] TapFilter take() { return std::move(filter_); }

 private:
  std::string read_format(std::string_view value) {
    using enum TapFilter::Format;
    if (value != "text" && value != "json" && value != "pcapng") {
      return "a format is text, json or pcapng";
    }
    filter_.format = value == "text" ? text : value == "json" ? json : pcapng;
    return {};
  }

  std::string read_session(std::string_view value) {
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), id);
    if (error != std::errc{} || end != value.data() + value.size()) {
      return "a session's id is a number";
    }
    filter_.sessions.push_back(id);
    return filter_.sessions.size() > max_values ? "too many sessions" : "";
  }

  std::string read_type(const std::string& wanted) {
    if (!typed_) filter_.types.fill(false);
    typed_ = true;
    bool found = equal_ignoring_case(wanted, "PACKET");
    typed_packets_ = typed_packets_ || found;
    for (std::size_t type = 0; type < filter_.types.size() && !wanted.empty(); ++type) {
      const auto name = binlog::name_of(static_cast<binlog::EventType>(type));
      if (!equal_ignoring_case(name.substr(0, wanted.size()), wanted)) continue;
      filter_.types.at(type) = true;
      found = true;
    }
    return found ? "" : "no type of event has a name that begins so: '" + wanted + "'";
  }

  TapFilter filter_;
  bool typed_ = false;
  bool typed_packets_ = false;
};

}  // namespace

bool TapFilter::wants_schema(std::string_view schema) const {
  return schemas.empty() || std::ranges::find(schemas, schema) != schemas.end();
}

bool TapFilter::wants_all_events() const {
  return schemas.empty() && !only_dropped && std::ranges::find(types, false) == types.end();
}

boost::system::result<TapFilter, std::string> parse_tap_filter(std::string_view query) {
  Reading reading;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!value) return std::string("the query is not percent-encoded");
    if (auto problem = reading.read(pair.substr(0, equals), *value); !problem.empty()) {
      return problem;
    }
  }
  if (auto problem = reading.finish(); !problem.empty()) return problem;
  return reading.take();
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain = "-._~";
  std::string encoded;
  for (const char c : text) {
    encoded += is_alphanumeric(c) || plain.find(c) != std::string_view::npos
                   ? std::string(1, c)
                   : "%" + to_upper_hex({&c, 1});
  }
  return encoded;
}

}  // namespace sluice::proxy::tap

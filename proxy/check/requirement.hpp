// What `sluice check` has found out about one requirement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::proxy::check {

enum class State : std::uint8_t {
  ok,
  warn,
  fail,
  skip,  ///< not looked at; the reason says why
};

/// "ok", "warn", "FAIL", "skip".
[[nodiscard]] std::string_view to_string(State state);

/// Of a list in a remedy; the rest is counted.
inline constexpr std::size_t most_listed = 20;

struct Requirement {
  std::string name;  ///< "binlog_format"
  State state = State::skip;
  std::string reason;               ///< what was found: one line, never a secret
  std::vector<std::string> remedy;  ///< statements, configuration or shell lines to paste
  std::string_view source;          ///< where the rule comes from
};

using Findings = std::vector<Requirement>;

/// The requirements of one subject, "master", of one relay.
struct Subject {
  std::string relay;  ///< empty: the configuration as a whole
  std::string name;
  Findings requirements;
};

using Report = std::vector<Subject>;

[[nodiscard]] std::size_t count(const Report& report, State state);

}  // namespace sluice::proxy::check

// By which rule of the configuration something is dropped: for logs, metrics and `inspect`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::filters {

enum class DropRule : std::uint8_t {
  system_schema,  ///< it lies in the `mysql` schema
  accounts,       ///< it changes accounts, roles, privileges, or what else lives there
  ignore,         ///< a pattern of `ignore` matches
  only,           ///< no pattern of `only` matches
};
constexpr std::size_t drop_rules = static_cast<std::size_t>(DropRule::only) + 1;

/// The key under which the configuration has it; accounts go with the system schema there.
[[nodiscard]] constexpr std::string_view to_string(DropRule rule) {
  switch (rule) {
    case DropRule::system_schema:
      return "system_schema";
    case DropRule::accounts:
      return "accounts";
    case DropRule::ignore:
      return "ignore";
    case DropRule::only:
      return "only";
  }
  return {};
}

}  // namespace sluice::filters

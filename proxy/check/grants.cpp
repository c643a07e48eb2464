#include "proxy/check/grants.hpp"

#include <algorithm>

namespace sluice::proxy::check {
namespace {

constexpr std::string_view grant = "GRANT ";

/// Where `word` stands outside of quotes and parentheses; npos: nowhere.
std::size_t find_outside(std::string_view text, std::string_view word) {
  char quote = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (depth == 0 && text.substr(i).starts_with(word)) return i;
    if (c == '`' || c == '\'' || c == '"') quote = c;
    if (c == '(') ++depth;
    if (c == ')') --depth;
  }
  return std::string_view::npos;
}

void add_privileges(std::string_view list, Grants& grants) {
  while (!list.empty()) {
    const std::size_t comma = std::min(find_outside(list, ", "), list.size());
    grants.global.emplace(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 2, list.size()));
  }
}

}  // namespace

bool Grants::has_any(std::initializer_list<std::string_view> privileges) const {
  return std::ranges::any_of(privileges, [this](std::string_view one) { return has(one); });
}

Grants parse_grants(const std::vector<std::string>& lines) {
  Grants grants;
  for (std::string_view line : lines) {
    if (!line.starts_with(grant)) continue;
    line.remove_prefix(grant.size());
    const std::size_t to = find_outside(line, " TO ");
    if (to == std::string_view::npos) continue;
    line = line.substr(0, to);
    const std::size_t on = find_outside(line, " ON ");
    if (on == std::string_view::npos) continue;
    if (line.substr(on) == " ON *.*") {
      add_privileges(line.substr(0, on), grants);
    } else if (!line.starts_with("PROXY")) {
      grants.elsewhere.emplace_back(line);
    }
  }
  grants.global.erase("USAGE");
  return grants;
}

}  // namespace sluice::proxy::check

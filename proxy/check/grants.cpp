#include "proxy/check/grants.hpp"

#include <algorithm>

namespace sluice::proxy::check {
namespace {

constexpr std::string_view grant = "GRANT ";
constexpr std::string_view revoke = "REVOKE ";

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

/// Those that servers have learnt later stand without blanks: "BACKUP_ADMIN,CLONE_ADMIN".
std::vector<std::string_view> privileges_of(std::string_view list) {
  std::vector<std::string_view> privileges;
  while (!list.empty()) {
    const std::size_t comma = std::min(find_outside(list, ","), list.size());
    privileges.push_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (list.starts_with(' ')) list.remove_prefix(1);
  }
  return privileges;
}

/// "SELECT, EVENT ON `app`.* FROM `dba`@`%`". What is hidden of the system schemas alone hides
/// nothing that replicas see.
void add_revoked(std::string_view line, Grants& grants) {
  const std::size_t on = find_outside(line, " ON ");
  const std::size_t from = find_outside(line, " FROM ");
  if (on == std::string_view::npos || from == std::string_view::npos || from < on) return;
  const std::string_view where = line.substr(on + 4, from - on - 4);
  if (where == "`mysql`.*" || where == "`sys`.*") return;
  for (const std::string_view one : privileges_of(line.substr(0, on))) {
    grants.revoked[std::string(one)] = where;
  }
}

}  // namespace

bool Grants::has_any(std::initializer_list<std::string_view> privileges) const {
  return std::ranges::any_of(privileges, [this](std::string_view one) { return has(one); });
}

std::optional<std::string> Grants::lacks(std::string_view privilege) const {
  if (!has(privilege)) return std::string(privilege);
  const auto found = revoked.find(privilege);
  if (found == revoked.end()) return std::nullopt;
  return found->first + " ON " + found->second;
}

Grants parse_grants(const std::vector<std::string>& lines) {
  Grants grants;
  for (std::string_view line : lines) {
    if (line.starts_with(revoke)) add_revoked(line.substr(revoke.size()), grants);
    if (!line.starts_with(grant)) continue;
    line.remove_prefix(grant.size());
    const std::size_t to = find_outside(line, " TO ");
    if (to == std::string_view::npos) continue;
    const std::string_view tail = line.substr(to);
    line = line.substr(0, to);
    const std::size_t on = find_outside(line, " ON ");
    if (on == std::string_view::npos) {
      grants.roles = true;
      continue;
    }
    if (line.substr(on) == " ON *.*") {
      for (const auto one : privileges_of(line.substr(0, on))) grants.global.emplace(one);
      if (find_outside(tail, "GRANT OPTION") != std::string_view::npos) {
        grants.global.emplace("GRANT OPTION");
      }
    } else if (!line.starts_with("PROXY")) {
      grants.elsewhere.emplace_back(line);
    }
  }
  grants.global.erase("USAGE");
  return grants;
}

}  // namespace sluice::proxy::check

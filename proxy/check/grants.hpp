// SHOW GRANTS, as far as decisions hang on it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::proxy::check {

struct Grants {
  std::set<std::string, std::less<>> global;  ///< privileges ON *.*: "REPLICATION SLAVE", "SELECT"
  std::vector<std::string> elsewhere;         ///< what else there is: "SELECT ON `app`.*"
  /// What is taken back in some schemas, for each privilege the last of them (MySQL's partial
  /// revokes): "SELECT", "`app`.*".
  std::map<std::string, std::string, std::less<>> revoked;

  bool roles = false;  ///< it has been granted some

  [[nodiscard]] bool has(std::string_view privilege) const {
    return global.contains("ALL PRIVILEGES") || global.contains(privilege);
  }
  [[nodiscard]] bool has_any(std::initializer_list<std::string_view> privileges) const;
  /// "SELECT" or "SELECT ON `app`.*"; nullopt: it has the privilege everywhere.
  [[nodiscard]] std::optional<std::string> lacks(std::string_view privilege) const;
};

/// `lines`: the rows of SHOW GRANTS. What active roles give has lines of its own. Left out is what
/// is not understood, and hashes of passwords, which old servers print there.
[[nodiscard]] Grants parse_grants(const std::vector<std::string>& lines);

}  // namespace sluice::proxy::check

// A password that the configuration has in the clear, for a login as a replica. Sluice itself keeps
// hashes only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "protocol/auth/secret.hpp"

namespace sluice::proxy::check {

struct ReplicaLogin {
  std::string user;
  auth::Secret password;
};

/// The first [[relay.replica.user]] of that relay (by its name) whose password the file has, names
/// or takes from the environment. nullopt: all have a password_hash. The file has been loaded
/// before without errors.
[[nodiscard]] std::optional<ReplicaLogin> find_replica_login(const std::filesystem::path& path,
                                                             std::string_view relay);

}  // namespace sluice::proxy::check

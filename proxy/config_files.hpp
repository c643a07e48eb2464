// Files that a configuration names.
#pragma once

#include <string>

#include "protocol/auth/secret.hpp"
#include "proxy/config_values.hpp"

namespace sluice::proxy {

/// Empty if the file can be opened for reading, else the reason in the system's words.
[[nodiscard]] std::string why_unreadable(const std::string& path);

/// Whether others than owner and group may read the file.
[[nodiscard]] bool is_world_readable(const std::string& path);

/// Whether it is root's, and neither another group nor everybody may read it.
[[nodiscard]] bool is_for_root_alone(const std::string& path);

/// What a password file holds, without the newline at its end.
[[nodiscard]] Parsed<auth::Secret> read_secret(const std::string& path);

}  // namespace sluice::proxy

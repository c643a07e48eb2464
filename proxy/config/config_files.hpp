// Files that a configuration names.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "protocol/auth/secret.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy {

/// How long it may take until something comes out of a pipe.
inline constexpr std::chrono::seconds longest_wait_for_pipe{5};

/// Empty if the file can be opened for reading, else the reason. It is a file with something in it,
/// or a pipe without a name, such as the shell's <(...), into which somebody has written: what
/// opens a FIFO after this would wait for a writer, perhaps for ever.
[[nodiscard]] std::string why_unreadable(const std::string& path);

/// Whether others than owner and group may read the file.
[[nodiscard]] bool is_world_readable(const std::string& path);

/// Whether it is root's, and neither another group nor everybody may read it.
[[nodiscard]] bool is_for_root_alone(const std::string& path);

/// What a password file, which may be a FIFO, holds, without the newline at its end.
[[nodiscard]] Parsed<auth::Secret> read_secret(const std::string& path);
/// What an environment variable holds, without the newline at its end; it may be empty. nullopt:
/// there is none of this name. The error is a phrase about what is in it, without the name.
[[nodiscard]] std::optional<Parsed<auth::Secret>> read_secret_variable(const std::string& name);

}  // namespace sluice::proxy

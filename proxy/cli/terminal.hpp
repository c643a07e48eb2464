// What commands ask the person at the terminal.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/auth/secret.hpp"

namespace sluice::proxy {

/// Asks on the terminal (/dev/tty) without showing what is typed. nullopt: there is no terminal, or
/// it was closed or interrupted.
[[nodiscard]] std::optional<auth::Secret> ask_secret(std::string_view prompt);

/// The first line of the standard input, without its end. nullopt: none, or one that is longer than
/// any password.
[[nodiscard]] std::optional<auth::Secret> read_secret_line();

}  // namespace sluice::proxy

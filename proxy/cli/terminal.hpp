// What commands ask the person at the terminal.
#pragma once

#include <string_view>

#include "protocol/auth/secret.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy {

/// Asks on the terminal (/dev/tty) without showing what is typed. Without a reason: there is no
/// terminal, or it was closed or interrupted; with one it is a sentence about what was typed.
[[nodiscard]] Parsed<auth::Secret> ask_secret(std::string_view prompt);

/// What comes in on the standard input, which is one line, without its end. The reason is a
/// sentence.
[[nodiscard]] Parsed<auth::Secret> read_secret_input();

}  // namespace sluice::proxy

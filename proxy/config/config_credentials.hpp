// Who logs in with what: the passwords of a configuration, from the places they may come from.
#pragma once

#include <optional>

#include "protocol/auth/account.hpp"
#include "protocol/auth/secret.hpp"
#include "proxy/config/config_section.hpp"

namespace sluice::proxy {

/// `password`, `password_file` or `password_env`: exactly one must be there. nullopt: none is, or
/// not a good one; the problem has been reported.
[[nodiscard]] std::optional<auth::Secret> read_password(Section& section);

/// A [[relay.replica.user]] of that name. nullopt: the problem has been reported.
[[nodiscard]] std::optional<auth::Account> read_account(Section& section, std::string name);

/// A file that only its owner ought to read: warns if everybody may.
void warn_if_world_readable(Section& section, std::string_view key, const std::string& path);

}  // namespace sluice::proxy

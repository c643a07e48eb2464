// What the account that Sluice logs in with may do on the master.
#pragma once

#include "proxy/check/grants.hpp"
#include "proxy/check/requirement.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

struct AccountFacts {
  std::string user;     ///< of the configuration
  std::string account;  ///< CURRENT_USER(): "relay@%"
  std::string plugin;   ///< that the login came to
  Grants grants;
};

[[nodiscard]] Findings judge_privileges(const ServerFacts& master, const AccountFacts& account);

}  // namespace sluice::proxy::check

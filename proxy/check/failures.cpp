#include "proxy/check/failures.hpp"

#include "proxy/check/statements.hpp"
#include "proxy/cli/shell_word.hpp"

namespace sluice::proxy::check {
namespace {

using Stage = MasterFailure::Stage;

/// Whether the account is there, and for whom.
Lines look_for_account(std::string_view server, std::string_view user) {
  return {"# on the " + std::string(server) +
              ": is there such an account for this machine? If so, it is the password:",
          "SELECT user, host FROM mysql.user WHERE user = " + quoted_text(user) + ";"};
}

Lines remedy_for(const MasterConfig& config, Stage stage) {
  switch (stage) {
    case Stage::lookup:
      return {"getent hosts " + shell_word(config.host), "# or give --replica an address"};
    case Stage::connect:
      return {"# on the replica, to see where it listens and that it is not loopback alone:",
              "SELECT @@port, @@bind_address, @@skip_networking;",
              "# and the firewalls between it and this machine; else --replica-version tells what "
              "is asked of it most"};
    case Stage::tls:
      return {"--replica-ca FILE, or --replica-tls verify-ca, required or disabled"};
    case Stage::login:
      break;
  }
  return look_for_account("replica", config.user);
}

}  // namespace

bool is_denied(const QueryError& error) {
  constexpr std::uint16_t schema_access_denied = 1044;
  constexpr std::uint16_t table_access_denied = 1142;
  constexpr std::uint16_t column_access_denied = 1143;
  return error.code == schema_access_denied || error.code == table_access_denied ||
         error.code == column_access_denied;
}

Requirement judge_other_login(std::string_view user, const MasterFailure& failure) {
  return {"login", State::fail, failure.text, look_for_account("master", user), "Sluice"};
}

Requirement judge_replica_login(const MasterTarget& replica, const MasterFailure& failure) {
  return {"login", State::fail, replica.address() + ": " + failure.text,
          remedy_for(replica.config, failure.stage), "Sluice"};
}

Requirement judge_replica_tls(std::string error) {
  return {"login",
          State::fail,
          std::move(error),
          {"--replica-ca FILE    # the certificates of its authorities, in PEM"},
          "Sluice"};
}

Requirement judge_unanswered(std::string name, const QueryError& error,
                             const std::vector<std::string>& seer_account) {
  Requirement found{std::move(name), State::fail, error.text, {}, "Sluice"};
  if (is_denied(error)) {
    found.remedy = seer_account;
  } else {
    found.remedy = {explain_error(error.code), "# then check again"};
  }
  return found;
}

}  // namespace sluice::proxy::check

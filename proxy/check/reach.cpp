#include "proxy/check/reach.hpp"

#include <algorithm>

#include "protocol/wire/server_error.hpp"
#include "proxy/check/statements.hpp"
#include "proxy/cli/shell_word.hpp"
#include "proxy/tls/soon_over.hpp"

namespace sluice::proxy::check {
namespace {

using Stage = MasterFailure::Stage;

Requirement judge_network(const ReachFacts& facts, const MasterConfig& config) {
  Requirement found{"reachable", State::ok, facts.address, {}, "Sluice"};
  if (!facts.failure || facts.failure->stage > Stage::connect) return found;
  found.state = State::fail;
  found.reason = facts.address + ": " + facts.failure->text;
  if (facts.failure->stage == Stage::lookup) {
    found.remedy = {"getent hosts " + shell_word(config.host),
                    "# or give host in [relay.master] as an address"};
  } else {
    found.remedy = {"# on the master, to see where it listens and that it is not loopback alone:",
                    "SELECT @@port, @@bind_address, @@skip_networking;",
                    "# and the firewalls between " + facts.address + " and this machine"};
  }
  return found;
}

std::string described(const PresentedCertificate& presented) {
  return presented.certificate.subject + " for " + names_text(presented.certificate) + ", by " +
         presented.certificate.issuer + ", until " + date_text(presented.certificate.not_after);
}

bool is_unknown_issuer(int verdict) {
  return verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         verdict == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
         verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
         verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
         verdict == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
         verdict == X509_V_ERR_CERT_SIGNATURE_FAILURE;
}

/// The first of its names that a host may have. Those in a common name often are no host's:
/// "MySQL_Server_9.7.4_Auto_Generated_Server_Certificate".
std::string host_in(const CertificateFacts& certificate) {
  const auto found = std::ranges::find_if(certificate.names, [](const std::string& name) {
    return name.find_first_of(".:") != std::string::npos &&
           name.find_first_of("*_ ") == std::string::npos;
  });
  return found == certificate.names.end() ? "" : *found;
}

/// What would make the certificate pass.
Lines remedy_for(const PresentedCertificate& presented, const ReachFacts& facts,
                 const MasterConfig& config) {
  Lines lines;
  const auto add = [&lines](std::string line) { lines.push_back(std::move(line)); };
  const bool other_name =
      !presented.covers_host && config.tls.mode == MasterTlsMode::verify_identity;
  if (const auto host = host_in(presented.certificate); other_name && !host.empty()) {
    add("# one of the names that it is for:");
    add("[relay.master]");
    add("host = \"" + host + "\"");
  }
  if (is_unknown_issuer(presented.verdict)) {
    add("# what the master shows:");
    add("openssl s_client -starttls mysql -showcerts -connect " + facts.address + " </dev/null");
    if (presented.certificate.self_signed) {
      add("# it vouches for itself: give the master one of an authority (ssl_cert, ssl_key),");
      add("# or, if it is a file there and not made anew at each start, name a copy of it:");
    } else {
      add("# the certificate of " + presented.certificate.issuer +
          "; MySQL keeps its own as ca.pem in its data directory:");
    }
    add("[relay.master.tls]");
    add("ca = \"master-ca.pem\"");
  } else if (presented.verdict != X509_V_OK) {
    add("# a new certificate for the master, and there:");
    add(reload_tls(facts.server ? &*facts.server : nullptr));
  }
  if (other_name) {
    add("# if it has no host's name (as those that MySQL makes itself), check the authority only:");
    if (!is_unknown_issuer(presented.verdict)) add("[relay.master.tls]");
    add("mode = \"verify-ca\"");
  }
  if (lines.empty() && presented.tls.starts_with("TLSv1 ")) {
    add("# it speaks TLS 1.0 only, as MySQL 5.6 does:");
    add("[relay.master.tls]");
    add("min_version = \"1.0\"");
  } else if (lines.empty() && presented.tls.starts_with("TLSv1.1 ")) {
    add("[relay.master.tls]");
    add("min_version = \"1.1\"");
  }
  return lines;
}

std::string objections(const PresentedCertificate& presented, const MasterConfig& config) {
  std::string text;
  if (presented.verdict != X509_V_OK) {
    text += std::string("; ") + X509_verify_cert_error_string(presented.verdict);
  }
  if (!presented.covers_host && config.tls.mode == MasterTlsMode::verify_identity) {
    text += "; not for " + config.host;
  }
  return text;
}

Requirement judge_failed_tls(const ReachFacts& facts, const MasterConfig& config) {
  Requirement found{"TLS", State::fail, facts.failure->text, {}, "Sluice"};
  if (!facts.presented) {
    found.remedy = {"# on the master: which certificate has it, and may it read the files?",
                    "SHOW GLOBAL VARIABLES LIKE 'ssl%';"};
    return found;
  }
  found.reason =
      "the master shows " + described(*facts.presented) + " over " + facts.presented->tls;
  const std::string wrong = objections(*facts.presented, config);
  found.reason += wrong.empty() ? "; " + facts.failure->text : wrong;
  found.remedy = remedy_for(*facts.presented, facts, config);
  return found;
}

Requirement judge_tls(const ReachFacts& facts, const MasterConfig& config, std::time_t now) {
  Requirement found{"TLS", State::skip, "not reached", {}, "Sluice"};
  if (facts.failure && facts.failure->stage < Stage::tls) return found;
  if (facts.failure && facts.failure->stage == Stage::tls) return judge_failed_tls(facts, config);
  if (config.tls.mode == MasterTlsMode::disabled) {
    found.state = State::warn;
    found.reason = "disabled: the binlog and its accounts cross that network in the clear";
    found.remedy = {"[relay.master.tls]", "mode = \"verify-identity\"", "ca = \"master-ca.pem\""};
    return found;
  }
  // The master has said why before TLS: too many connections, a host that is blocked.
  if (facts.failure && !facts.presented) return found;
  found.state = State::ok;
  found.reason = facts.tls;
  if (!facts.presented) return found;
  const PresentedCertificate& presented = *facts.presented;
  found.reason = presented.tls + ", " + described(presented);
  if (config.tls.mode == MasterTlsMode::required) {
    found.state = State::warn;
    found.reason += "; it is not verified: anybody there can pose as the master";
    const bool passes = presented.verdict == X509_V_OK;
    found.remedy = {"[relay.master.tls]", passes && presented.covers_host
                                              ? "mode = \"verify-identity\""
                                              : "mode = \"verify-ca\""};
    if (!passes) found.remedy.emplace_back("ca = \"master-ca.pem\"");
  } else if (presented.certificate.not_after < now + soon_over) {
    found.state = State::warn;
    found.reason += ": in " +
                    std::to_string((presented.certificate.not_after - now) / seconds_of_day) +
                    " days";
    found.remedy = {"# a new certificate for the master, and there:",
                    reload_tls(facts.server ? &*facts.server : nullptr)};
  }
  return found;
}

/// What would let the account in.
Lines remedy_for_login(const ReachFacts& facts, const MasterConfig& config) {
  using wire::ErrorCode;
  const ServerFacts* server = facts.server ? &*facts.server : nullptr;
  const bool tls = config.tls.mode != MasterTlsMode::disabled;
  const char* its_host = "# with the host that SELECT user, host FROM mysql.user names:";
  // MariaDB lets an account in whose password has expired, and answers nothing else to it.
  constexpr std::uint16_t must_change_password = 1820;
  if (facts.failure->code == must_change_password) {
    return {its_host, change_relay_password(server, config.user)};
  }
  switch (static_cast<ErrorCode>(facts.failure->code)) {
    case ErrorCode::access_denied_error: {
      Lines lines{"# if there is no such account:"};
      append(lines, create_relay_account(server, config.user, tls));
      append(lines, {"# if there is, and its password is not known,", its_host,
                     change_relay_password(server, config.user)});
      return lines;
    }
    case ErrorCode::host_not_privileged:
      return create_relay_account(server, config.user, tls);
    case ErrorCode::account_has_been_locked:
    case ErrorCode::mariadb_account_has_been_locked:
      return {its_host, "ALTER USER " + quoted_account(config.user, "%") + " ACCOUNT UNLOCK;"};
    case ErrorCode::must_change_password_login:
      return {its_host, change_relay_password(server, config.user)};
    default:
      return {explain_error(facts.failure->code)};
  }
}

Requirement judge_login(const ReachFacts& facts, const MasterConfig& config) {
  Requirement found{"login", State::skip, "not reached", {}, "Sluice"};
  if (!facts.failure) {
    found.state = State::ok;
    found.reason = "as " + config.user;
    return found;
  }
  if (facts.failure->stage < Stage::login) return found;
  found.state = State::fail;
  found.reason = facts.failure->text;
  found.remedy = remedy_for_login(facts, config);
  return found;
}

}  // namespace

Findings judge_reach(const ReachFacts& facts, const MasterConfig& config, std::time_t now) {
  return {judge_network(facts, config), judge_tls(facts, config, now), judge_login(facts, config)};
}

}  // namespace sluice::proxy::check

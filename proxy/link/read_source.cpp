#include "proxy/link/read_source.hpp"

#include <unistd.h>

#include "filters/rules/versions.hpp"
#include "protocol/auth/native_password.hpp"
#include "proxy/base/list_text.hpp"
#include "proxy/check/replica_users.hpp"
#include "proxy/cli/terminal.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/config/password_limits.hpp"
#include "proxy/link/authority.hpp"
#include "proxy/link/dump.hpp"
#include "proxy/link/kept.hpp"
#include "proxy/master/master_target.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::link {
namespace {

std::size_t longest_password(const check::CloudRules& rules) {
  return rules.cloud == check::Cloud::mariadb ? longest_for_mariadb : longest_for_mysql;
}

/// The user that the replica logs in as.
boost::system::result<const auth::Account*, std::string> find_user(const Arguments& arguments,
                                                                   const RelayConfig& relay) {
  std::string names;
  for (const auth::Account& account : relay.replica.users) {
    if (account.name == arguments.user ||
        (arguments.user.empty() && relay.replica.users.size() == 1)) {
      return &account;
    }
    add_to_list(names, account.name);
  }
  return "name one of the users of relay " + relay.name + " with --user: " + names;
}

bool is_password_of(const auth::Account& account, const auth::Secret& password) {
  if (account.verifier.check_password(password)) return true;
  // A hash for mysql_native_password tells of one login only; so this is one.
  constexpr std::string_view nonce = "abcdefghijklmnopqrst";
  return account.verifier.check_native(auth::native_scramble(password, nonce), nonce);
}

Problem find_password(const auth::Account& account, std::size_t longest, Source& source) {
  auto password = ::isatty(STDIN_FILENO) == 0
                      ? read_secret_input()
                      : ask_secret("Password of " + account.name + " on Sluice: ");
  if (!password) {
    return wrong(password.error().why.empty() ? "no password" : password.error().why);
  }
  if (!is_password_of(account, *password)) {
    return {failed, "that is not the password of " + account.name + " in the configuration"};
  }
  if (password->reveal().size() > longest) {
    return {failed, "the password of " + account.name + " is longer than the " +
                        std::to_string(longest) + " characters that such a replica takes"};
  }
  source.password = *std::move(password);
  return {};
}

/// The version, and with `coordinates` the end of the binlog, as the master tells them; without,
/// whether it still has what comes behind those that are known.
Problem ask_master(const RelayConfig& relay, bool coordinates, Source& source) {
  const auto target = make_master_target(relay.master);
  if (!target) return {failed, target.error().text};
  const auto client = SqlClient::open(*target);
  if (!client) {
    return {failed, "the master at " + target->address() + ": " + client.error().text +
                        (coordinates ? ""
                                     : "; --replica-version would do without asking for its "
                                       "version")};
  }
  const auto facts = check::ask_for_facts(**client);
  if (!facts) return {failed, "the master at " + target->address() + ": " + facts.error().text};
  source.master = *facts;
  if (source.replica.version_text.empty()) source.replica = *facts;
  if (facts->is_mariadb() && !source.replica.is_mariadb()) {
    return {failed, "the master is " + check::to_text(facts->version) + ", which " +
                        check::to_text(source.replica.version) + " cannot follow"};
  }
  if (!coordinates) {
    auto why = why_not_kept(**client, *facts, source.by_gtid, source.coordinates);
    return why.empty() ? Problem{} : Problem{failed, std::move(why)};
  }
  auto found = ask_for_coordinates(**client, *facts);
  if (!found) return {failed, found.error().why};
  source.coordinates = *std::move(found);
  return {};
}

Problem find_coordinates(const Arguments& arguments, const RelayConfig& relay, Source& source) {
  source.by_gtid = arguments.by_gtid;
  bool ask = false;
  if (!arguments.position.empty()) {
    auto found = parse_position(arguments.position);
    if (!found) return wrong("--position: " + found.error().why);
    source.coordinates = *std::move(found);
  } else if (!arguments.from_dump.empty()) {
    auto found = read_dump(arguments.from_dump, source.by_gtid);
    if (!found) return wrong("--from-dump: " + found.error().why);
    source.coordinates = *std::move(found);
  } else if (!arguments.gtid.empty()) {
    source.coordinates.gtids = without_blanks(arguments.gtid);
    source.coordinates.origin = "--gtid";
    if (source.coordinates.gtids->empty()) return wrong("--gtid: the set is empty");
  } else {
    ask = true;
  }
  if (ask || source.replica.version_text.empty()) {
    if (auto problem = ask_master(relay, ask, source)) return problem;
  }
  const auto& gtids = source.coordinates.gtids;
  if (source.by_gtid && gtids && !gtids->empty() &&
      !is_gtid_set(*gtids, source.replica.is_mariadb())) {
    const auto status = arguments.now ? failed : wrong_usage;
    return {status, source.coordinates.origin + ": '" + *gtids + "' is no " +
                        (source.replica.is_mariadb() ? "GTID position such as 0-1-7"
                                                     : "GTID set such as UUID:1-7")};
  }
  return {};
}

/// The replica's version, if it is given.
Problem find_version(const Arguments& arguments, const check::CloudRules& rules, Source& source) {
  const std::string& text = arguments.replica_version;
  if (text.empty()) return {};
  auto facts = check::facts_of_option(text);
  if (!facts) {
    return wrong("--replica-version: '" + text +
                 "' is no version such as 8.0.36 or 10.11.6-MariaDB");
  }
  if (rules.cloud == check::Cloud::mariadb) {
    facts->version.flavour = wire::Flavour::mariadb;  // said by --for
    if (!filters::is_supported_master(facts->version)) {
      return wrong("--replica-version: '" + text + "' is no version of MariaDB such as 10.11.6");
    }
  }
  source.replica = *std::move(facts);
  return {};
}

}  // namespace

Problem wrong(std::string text) {
  return {wrong_usage, std::move(text)};
}

Problem read_source(const Arguments& arguments, const RelayConfig& relay,
                    const check::CloudRules& rules, Source& source) {
  source.config = arguments.config;
  if (!relay.advertise) {
    return wrong(arguments.config + ": relay " + relay.name +
                 " has no `advertise`: the name or address, and port, by which the replica finds "
                 "it, such as advertise = \"sluice.example.com:3306\"");
  }
  source.address = *relay.advertise;
  const auto account = find_user(arguments, relay);
  if (!account) return wrong(account.error());
  source.user = (*account)->name;
  source.ca_path = arguments.replica_ca;
  source.client_certificate = !relay.replica.tls.client_ca.empty();
  if (auto problem = find_version(arguments, rules, source)) return problem;
  if (!arguments.ca.empty()) {
    const std::string why = why_unreadable(arguments.ca);
    if (!why.empty()) return wrong("--ca: " + arguments.ca + " cannot be read: " + why);
  }
  if (relay.replica.tls.mode != ReplicaTlsMode::disabled) {
    auto authority = authority_of(relay.replica.tls, arguments.ca);
    if (!authority) {
      return {arguments.ca.empty() ? failed : wrong_usage, authority.error().why};
    }
    source.authority = *std::move(authority);
  }
  if (auto why = check::why_no_certificate(relay.replica.tls, rules); !why.empty()) {
    return {failed, std::move(why)};
  }
  if (auto problem = find_coordinates(arguments, relay, source)) return problem;
  if (auto why = check::why_no_login(**account, &source.replica, rules, relay.replica.tls);
      !why.empty()) {
    return {failed, why + ": take one of sluice passwd --native"};
  }
  if (!arguments.ask_password) return {};
  return find_password(**account, longest_password(rules), source);
}

}  // namespace sluice::proxy::link

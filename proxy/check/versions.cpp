#include "proxy/check/versions.hpp"

#include "filters/rules/versions.hpp"

namespace sluice::proxy::check {
namespace {

std::string to_text(const wire::VersionNumber& number) {
  std::string text = std::to_string(number.major) + "." + std::to_string(number.minor);
  if (number.patch != 0) text += "." + std::to_string(number.patch);
  return text;
}

/// As --replica-version takes it.
std::string as_option(const wire::ServerVersion& version) {
  const auto& number = version.number;
  return std::to_string(number.major) + "." + std::to_string(number.minor) + "." +
         std::to_string(number.patch) + (version.is_mariadb() ? "-MariaDB" : "");
}

std::string flavour_of(const ServerFacts& server) {
  return server.is_mariadb() ? "MariaDB" : "MySQL";
}

/// Of the service or the server that the replica is.
Requirement judge_for_replica(const ServerFacts& master, const CloudRules& cloud) {
  Requirement found{"version", State::ok, master.version_text, {}, cloud.source};
  const auto& oldest = master.is_mariadb() ? cloud.oldest_mariadb : cloud.oldest_mysql;
  const std::string flavour = flavour_of(master);
  if (!oldest) {
    found.state = State::fail;
    found.reason += ": " + std::string(cloud.name) + " takes no " + flavour + " as its master";
    found.remedy = {"sluice check --for mariadb ...    # a MariaDB of one's own as the replica"};
    if (!cloud.has_super) found.remedy.emplace_back("sluice check --for rds ...        # Amazon's");
  } else if (master.version.number < *oldest) {
    found.state = State::fail;
    found.reason +=
        ": " + std::string(cloud.name) + " needs " + flavour + " " + to_text(*oldest) + " at least";
    found.remedy = {"# upgrade the master, one release series after the other, to " + flavour +
                    " " + to_text(*oldest) + " or newer"};
  } else if (cloud.cloud == Cloud::mariadb && !master.is_mariadb()) {
    found.state = State::warn;
    found.reason +=
        ": a MariaDB replica follows a MySQL master by file and position only, and not "
        "through all features of 8.0 and later";
    found.remedy = {"sluice link --for mariadb --from-dump DUMP.sql ...    # without --gtid",
                    "# or take a replica of MySQL, as the master is"};
    found.source = "mariadb.com/kb/en/replication-compatibility";
  }
  return found;
}

/// A relay turns replicas away from a master that is older, unless it is told otherwise.
Requirement judge_version(const ServerFacts& master, filters::Reaction reaction,
                          const CloudRules& cloud) {
  Requirement found = judge_for_replica(master, cloud);
  if (filters::is_supported_master(master.version)) return found;
  const bool refused = reaction == filters::Reaction::refuse;
  if (found.state == State::fail && !refused) return found;
  found.state = refused ? State::fail : State::warn;
  found.reason = master.version_text + ": Sluice needs MySQL 5.6 or MariaDB 10.0 at least";
  found.source = "Sluice";
  found.remedy = {"# upgrade the master, one release series after the other"};
  if (refused) {
    found.reason += "; [relay.requirements] refuses it";
    found.remedy.emplace_back("# or, though nobody has tried it:");
    found.remedy.emplace_back("master_version = \"warn\"    # in [relay.requirements]");
  }
  return found;
}

}  // namespace

Requirement judge_same_version(const ServerFacts& master, const ServerFacts* replica,
                               filters::Reaction reaction) {
  Requirement found{"same version", State::skip, "the replica's is not known", {}, {}};
  found.source = "dev.mysql.com/doc/refman/8.4/en/replication-compatibility.html";
  if (replica == nullptr) {
    found.remedy = {"--replica HOST:PORT --replica-user NAME, or --replica-version " +
                    as_option(master.version)};
    return found;
  }
  const std::string both =
      check::to_text(master.version) + ", replica " + check::to_text(replica->version);
  const auto& here = master.version.number;
  const auto& there = replica->version.number;
  const std::string series =
      flavour_of(master) + " " + to_text(wire::VersionNumber{here.major, here.minor, 0});
  if (master.is_mariadb() != replica->is_mariadb()) {
    found.state = master.is_mariadb() ? State::fail : State::warn;
    found.reason = both + ": of two kinds";
    found.remedy = {"# take a replica of " + series + ", as the master is"};
  } else if (here.major == there.major && here.minor == there.minor) {
    found.state = State::ok;
    found.reason = both;
  } else if (there < here) {
    found.state = State::fail;
    found.reason = both + ": the replica is the older one, what the master writes may be new to it";
    found.remedy = {"# upgrade the replica to " + series};
  } else {
    found.state = State::warn;
    found.reason = both + ": not the same release series";
    found.remedy = {
        "# right for a move to the newer one, replica first; to stay, take a replica of " + series};
  }
  if (found.state == State::warn && reaction == filters::Reaction::refuse) {
    found.state = State::fail;
    found.reason += "; [relay.requirements] refuses it";
    found.remedy.emplace_back("same_version = \"warn\"    # in [relay.requirements]");
  }
  return found;
}

Findings judge_versions(const ServerFacts& master, const ServerFacts* replica,
                        const Requirements& required, const CloudRules& cloud) {
  return {judge_version(master, required.master_version, cloud),
          judge_same_version(master, replica, required.same_version)};
}

}  // namespace sluice::proxy::check

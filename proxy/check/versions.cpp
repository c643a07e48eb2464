#include "proxy/check/versions.hpp"

#include "filters/versions.hpp"

namespace sluice::proxy::check {
namespace {

std::string to_text(const wire::VersionNumber& number) {
  std::string text = std::to_string(number.major) + "." + std::to_string(number.minor);
  if (number.patch != 0) text += "." + std::to_string(number.patch);
  return text;
}

Requirement judge_version(const ServerFacts& master, const CloudRules& cloud) {
  Requirement found{"version", State::ok, master.version_text, {}, cloud.source};
  if (!filters::is_supported_master(master.version)) {
    found.state = State::fail;
    found.reason += ": Sluice needs MySQL 5.6 or MariaDB 10.0 at least";
    found.source = "Sluice";
    return found;
  }
  const auto& oldest = master.is_mariadb() ? cloud.oldest_mariadb : cloud.oldest_mysql;
  const std::string flavour = master.is_mariadb() ? "MariaDB" : "MySQL";
  if (!oldest) {
    found.state = State::fail;
    found.reason += ": " + std::string(cloud.name) + " takes no " + flavour + " as its master";
    if (cloud.cloud == Cloud::mysql) found.remedy = {"sluice check --for mariadb ..."};
  } else if (master.version.number < *oldest) {
    found.state = State::fail;
    found.reason +=
        ": " + std::string(cloud.name) + " needs " + flavour + " " + to_text(*oldest) + " at least";
  } else if (cloud.cloud == Cloud::mariadb && !master.is_mariadb()) {
    found.state = State::warn;
    found.reason +=
        ": a MariaDB replica follows a MySQL master by file and position only, and not "
        "through all features of 8.0 and later";
    found.source = "mariadb.com/kb/en/replication-compatibility";
  }
  return found;
}

}  // namespace

Requirement judge_same_version(const ServerFacts& master, const ServerFacts* replica,
                               filters::Reaction reaction) {
  Requirement found{"same version", State::skip, "the replica's is not known", {}, {}};
  found.source = "dev.mysql.com/doc/refman/8.4/en/replication-compatibility.html";
  if (replica == nullptr) {
    found.remedy = {"--replica HOST:PORT --replica-user NAME, or --replica-version 8.0.36"};
    return found;
  }
  const std::string both =
      check::to_text(master.version) + ", replica " + check::to_text(replica->version);
  const auto& here = master.version.number;
  const auto& there = replica->version.number;
  if (master.is_mariadb() != replica->is_mariadb()) {
    found.state = master.is_mariadb() ? State::fail : State::warn;
    found.reason = both + ": of two kinds";
  } else if (here.major == there.major && here.minor == there.minor) {
    found.state = State::ok;
    found.reason = both;
  } else if (there < here) {
    found.state = State::fail;
    found.reason = both + ": the replica is the older one, what the master writes may be new to it";
  } else {
    found.state = State::warn;
    found.reason = both + ": not the same release series";
  }
  if (found.state == State::warn && reaction == filters::Reaction::refuse) {
    found.state = State::fail;
    found.reason += "; [relay.requirements] refuses it";
    found.remedy = {"same_version = \"warn\"    # in [relay.requirements]"};
  }
  return found;
}

Requirements judge_versions(const ServerFacts& master, const ServerFacts* replica,
                            filters::Reaction same_version, const CloudRules& cloud) {
  return {judge_version(master, cloud), judge_same_version(master, replica, same_version)};
}

}  // namespace sluice::proxy::check

#include "proxy/check/settings.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "proxy/base/list_text.hpp"
#include "proxy/check/statements.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view variables_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-features-variables.html";
constexpr std::string_view packet_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-features-max-allowed-packet.html";
constexpr std::string_view time_zone_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-features-timezone.html";

const std::string* find(const ServerFacts* server, std::string_view variable) {
  return server == nullptr ? nullptr : server->find(variable);
}

Requirement judge_lower_case(const ServerFacts& master, const ServerFacts* replica,
                             const CloudRules& cloud) {
  constexpr std::string_view name = "lower_case_table_names";
  const std::string* here = master.find(name);
  const std::string* there = find(replica, name);
  Requirement found{
      std::string(name), State::skip, here == nullptr ? "?" : *here, {}, cloud.source};
  if (here == nullptr) return found;
  if (there != nullptr) {
    found.state = *here == *there ? State::ok : State::fail;
    found.reason += ", replica " + *there;
  } else if (cloud.lower_case_table_names) {
    const std::string usual = std::to_string(*cloud.lower_case_table_names);
    found.state = *here == usual ? State::ok : State::warn;
    found.reason +=
        *here == usual ? ", as there" : ", and " + usual + " there unless it was made otherwise";
  } else {
    found.reason += "; the replica's is not known";
  }
  if (found.state == State::fail || found.state == State::warn) {
    found.remedy = {
        "# chosen when a server is created, and for ever from MySQL 8.0 on. The replica:",
        "lower_case_table_names = " + *here};
  }
  return found;
}

Requirement judge_packet(const ServerFacts& master, const ServerFacts* replica,
                         const CloudRules& cloud) {
  const auto here = master.number("max_allowed_packet");
  Requirement found{"max_allowed_packet", State::ok, {}, {}, packet_manual};
  if (!here) return found;
  const auto mib = [](double bytes) {
    return std::to_string(static_cast<std::uint64_t>(bytes) >> 20) + " MiB";
  };
  found.reason = mib(*here);
  const std::string_view limit = replica != nullptr && replica->find("replica_max_allowed_packet")
                                     ? "replica_max_allowed_packet"
                                     : "slave_max_allowed_packet";
  const auto there = replica == nullptr ? std::nullopt : replica->number(limit);
  if (!there) return found;
  found.reason += ", replica reads up to " + mib(*there);
  if (*there < *here) {
    found.state = State::warn;
    found.reason += ": a large row may stop it";
    found.remedy =
        set_on_replica(cloud, replica, limit, std::to_string(static_cast<std::uint64_t>(*here)));
  }
  return found;
}

Requirement judge_character_set(const ServerFacts& master, const ServerFacts* replica,
                                const SettingFacts& facts) {
  const std::string* here = master.find("collation_server");
  const std::string* there = find(replica, "collation_server");
  Requirement found{
      "character set", State::ok, here == nullptr ? "?" : *here, {}, variables_manual};
  if (here == nullptr) return found;
  if (!facts.replica_knows_collation.value_or(true)) {
    found.state = State::fail;
    found.reason += ": the replica has no such collation and stops at what was written with it";
    found.remedy = {"# on the master, for all that is written from then on, with one of the",
                    "# replica's; tables, columns and clients may have named it, too:",
                    "collation_server = utf8mb4_general_ci"};
  } else if (there != nullptr && *here != *there) {
    found.state = State::warn;
    found.reason += ", replica " + *there +
                    ": what is created without naming one differs, and LOAD DATA reads differently";
    found.remedy = {"# on the replica:", "collation_server = " + *here};
  } else if (there == nullptr) {
    found.reason += "; the replica's is not known";
    found.state = State::skip;
  } else {
    found.reason += " on both";
  }
  return found;
}

Requirement judge_time_zone(const ServerFacts& master, const ServerFacts* replica,
                            const SettingFacts& facts) {
  const std::string* zone = master.find("time_zone");
  Requirement found{"time zone", State::ok, zone == nullptr ? "?" : *zone, {}, time_zone_manual};
  if (zone == nullptr) return found;
  if (!is_named_time_zone(*zone)) {
    if (*zone != "SYSTEM") return found;
    const std::string* system = master.find("system_time_zone");
    const std::string* other = find(replica, "system_time_zone");
    const std::string* other_zone = find(replica, "time_zone");
    if (system != nullptr) found.reason += " (" + *system + ")";
    if (system != nullptr && other != nullptr && *other != *system && other_zone != nullptr &&
        *other_zone == "SYSTEM") {
      found.state = State::warn;
      found.reason += ", replica " + *other + ": functions of time in statements may differ";
      found.remedy = {"# write rows and not statements (binlog_format), or on both:",
                      "SET GLOBAL time_zone = '+00:00';"};
    }
    return found;
  }
  if (facts.replica_knows_time_zone.value_or(false)) {
    found.reason += ", which the replica knows";
    return found;
  }
  found.state = facts.replica_knows_time_zone ? State::fail : State::warn;
  found.reason += facts.replica_knows_time_zone
                      ? ": the replica has no time zone of that name and will stop"
                      : ": the replica needs the time zone tables, which are not replicated";
  found.remedy = {"mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql -h REPLICA mysql",
                  "-- or, on the master:", "SET GLOBAL time_zone = '+00:00';"};
  if (!facts.replica_knows_time_zone) {
    found.remedy.insert(found.remedy.begin(),
                        {"-- on the replica, must not be NULL:",
                         "SELECT CONVERT_TZ(NOW(), 'UTC', " + quoted_text(*zone) + ");"});
  }
  return found;
}

std::set<std::string> parts_of(const std::string& list) {
  std::set<std::string> parts;
  std::size_t begin = 0;
  while (begin < list.size()) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) parts.insert(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string only_in(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::string text;
  for (const std::string& part : a) {
    if (!b.contains(part)) add_to_list(text, part);
  }
  return text;
}

/// Modes that MySQL 8.0 has taken out, and one that MariaDB has never had (error 1231).
std::set<std::string> without_unknown(std::set<std::string> modes, const ServerFacts& server) {
  static constexpr std::array<std::string_view, 11> gone{"DB2",
                                                         "MAXDB",
                                                         "MSSQL",
                                                         "MYSQL323",
                                                         "MYSQL40",
                                                         "ORACLE",
                                                         "POSTGRESQL",
                                                         "NO_AUTO_CREATE_USER",
                                                         "NO_FIELD_OPTIONS",
                                                         "NO_KEY_OPTIONS",
                                                         "NO_TABLE_OPTIONS"};
  if (server.is_mysql(8, 0)) {
    std::erase_if(modes,
                  [](const std::string& mode) { return std::ranges::count(gone, mode) > 0; });
  }
  if (server.is_mariadb()) modes.erase("TIME_TRUNCATE_FRACTIONAL");
  return modes;
}

std::string list_of(const std::set<std::string>& modes) {
  std::string list;
  for (const std::string& mode : modes) list += (list.empty() ? "" : ",") + mode;
  return list;
}

/// The mode travels with each statement, so what differs matters to sessions on the replica and to
/// programs that are created there.
Requirement judge_sql_mode(const ServerFacts& master, const ServerFacts* replica,
                           const CloudRules& cloud) {
  const std::string* here = master.find("sql_mode");
  const std::string* there = find(replica, "sql_mode");
  Requirement found{"sql_mode", State::skip, "the replica's is not known", {}, variables_manual};
  if (here == nullptr || there == nullptr) return found;
  const auto ours = without_unknown(parts_of(*here), *replica);
  const auto theirs = parts_of(*there);
  const std::string here_only = only_in(ours, theirs);
  const std::string there_only = only_in(theirs, ours);
  found.state = State::ok;
  found.reason = "the same on both";
  if (here_only.empty() && there_only.empty()) return found;
  found.state = State::warn;
  found.reason = "differs:";
  if (!here_only.empty()) found.reason += " only here " + here_only + ";";
  if (!there_only.empty()) found.reason += " only on the replica " + there_only + ";";
  found.reason.pop_back();
  found.remedy = {"-- on the replica:"};
  append(found.remedy, set_on_replica(cloud, replica, "sql_mode", quoted_text(list_of(ours))));
  return found;
}

}  // namespace

bool is_named_time_zone(std::string_view value) {
  return !value.empty() && value != "SYSTEM" && value.front() != '+' && value.front() != '-';
}

Findings judge_settings(const ServerFacts& master, const ServerFacts* replica,
                        const SettingFacts& facts, const CloudRules& cloud) {
  return {judge_lower_case(master, replica, cloud), judge_packet(master, replica, cloud),
          judge_character_set(master, replica, facts), judge_time_zone(master, replica, facts),
          judge_sql_mode(master, replica, cloud)};
}

}  // namespace sluice::proxy::check

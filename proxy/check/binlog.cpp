#include "proxy/check/binlog.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "proxy/check/statements.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view binlog_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-options-binary-log.html";
constexpr std::string_view options_manual =
    "dev.mysql.com/doc/refman/8.4/en/replication-options.html";

Requirement absent(std::string name) {
  return {std::move(name), State::skip, "this version has no such setting", {}, binlog_manual};
}

/// From MySQL 8.0 on it is ON unless an option says otherwise. 5.7 does not start with it and
/// without a server_id.
Requirement judge_log_bin(const ServerFacts& master, const CloudRules& cloud) {
  if (master.is_on("log_bin")) return {"log_bin", State::ok, "ON", {}, cloud.source};
  Requirement found{"log_bin", State::fail, "OFF: there is nothing to replicate", {}, cloud.source};
  if (master.is_mysql(8, 0)) {
    found.remedy = {"# take these from the server's option file, then restart it:", "skip_log_bin",
                    "disable_log_bin"};
    return found;
  }
  found.remedy = set_option("log_bin", "binlog");
  if (master.number("server_id") == 0) found.remedy.emplace_back("server_id = 1001");
  return found;
}

/// Whether it is a MySQL that writes what it receives into a binlog of statements, which takes no
/// rows (error 1666).
bool refuses_rows(const ServerFacts& replica) {
  const std::string* format = replica.find("binlog_format");
  return !replica.is_mariadb() && format != nullptr && *format == "STATEMENT" &&
         replica.is_on("log_bin") &&
         (replica.is_on("log_replica_updates") || replica.is_on("log_slave_updates"));
}

/// Of variables that each session has its own value of.
Lines set_for_new_sessions(const ServerFacts& master, std::string_view name,
                           std::string_view value) {
  Lines lines = set_variable(master, name, value);
  lines.emplace_back(
      "-- sessions that are open keep theirs: have applications connect anew, then make the dump");
  return lines;
}

Requirement judge_format(const ServerFacts& master, const ServerFacts* replica,
                         const CloudRules& cloud) {
  const std::string* format = master.find("binlog_format");
  if (format == nullptr) return absent("binlog_format");
  if (*format != "STATEMENT" && replica != nullptr && refuses_rows(*replica)) {
    return {"binlog_format", State::fail,
            *format + ", replica STATEMENT: its own binlog takes no rows (error 1666)",
            set_on_replica(cloud, replica, "binlog_format", "'ROW'"), binlog_manual};
  }
  if (*format == "ROW") return {"binlog_format", State::ok, *format, {}, cloud.source};
  return {"binlog_format", cloud.not_row,
          *format +
              ": statements may do something else on the replica, and what Sluice drops of "
              "them it drops as a whole",
          set_for_new_sessions(master, "binlog_format", "'ROW'"), cloud.source};
}

Requirement judge_row_image(const ServerFacts& master) {
  const std::string* image = master.find("binlog_row_image");
  if (image == nullptr) return absent("binlog_row_image");
  if (image->starts_with("FULL")) return {"binlog_row_image", State::ok, *image, {}, binlog_manual};
  return {"binlog_row_image", State::warn,
          *image + ": without a primary key in both places the replica finds no rows",
          set_for_new_sessions(master, "binlog_row_image", "'FULL'"), binlog_manual};
}

Requirement judge_checksum(const ServerFacts& master) {
  const std::string* checksum = master.find("binlog_checksum");
  if (checksum == nullptr) return absent("binlog_checksum");
  if (*checksum == "CRC32") return {"binlog_checksum", State::ok, *checksum, {}, binlog_manual};
  return {"binlog_checksum", State::warn, *checksum + ": damage on the way is not noticed",
          set_variable(master, "binlog_checksum", "'CRC32'"), binlog_manual};
}

Requirement judge_compression(const ServerFacts& master, const ServerFacts* replica) {
  constexpr std::string_view name = "binlog_transaction_compression";
  if (master.find(name) == nullptr) return absent(std::string(name));
  Requirement found{std::string(name), State::ok, "OFF", {}, binlog_manual};
  if (!master.is_on(name)) return found;
  found.reason = "ON, which the replica knows too";
  if (replica == nullptr) {
    found.state = State::warn;
    found.reason =
        "ON: the replica must be MySQL 8.0.20 or later, and a transaction larger than "
        "filter.max_payload stops the stream";
  } else if (!replica->is_mysql(8, 0, 20)) {
    found.state = State::fail;
    found.reason = "ON, and the replica is older than MySQL 8.0.20, which cannot read it";
  }
  if (found.state != State::ok) found.remedy = set_variable(master, name, "OFF");
  return found;
}

/// What SHOW REPLICA STATUS needs.
std::string_view privilege_for_status(const ServerFacts& master) {
  return master.is_mariadb() && master.version.at_least(10, 5) ? "SLAVE MONITOR"
                                                               : "REPLICATION CLIENT";
}

/// What a master gets from its own master is in its binlog only if it is told so: until MySQL 8.0
/// and in MariaDB it is not.
Requirement judge_updates(const ServerFacts& master, const BinlogFacts& facts) {
  const std::string name =
      master.find("log_replica_updates") != nullptr ? "log_replica_updates" : "log_slave_updates";
  Requirement found{name, State::ok, "ON", {}, options_manual};
  if (master.is_on(name)) return found;
  found.reason = "OFF, and the master is no replica itself";
  if (!facts.is_replica) {
    const std::string privilege(privilege_for_status(master));
    found.state = State::skip;
    found.reason =
        "OFF; the account may not see whether the master is a replica itself (" + privilege + ")";
    if (!facts.account.empty()) {
      found.remedy = {"GRANT " + privilege + " ON *.* TO " + quoted_account(facts.account) + ";"};
    }
  } else if (*facts.is_replica) {
    found.state = State::fail;
    found.reason = "OFF, and the master is a replica itself: what it receives is not in its binlog";
    found.remedy = set_option(name, "ON");
  }
  return found;
}

Requirement judge_schemas(const BinlogFacts& facts) {
  Requirement found{
      "schemas in the binlog", State::skip, "the account may not see which", {}, binlog_manual};
  if (!facts.do_db || !facts.ignore_db) return found;
  found.state = State::ok;
  found.reason = "all of them";
  if (facts.do_db->empty() && facts.ignore_db->empty()) return found;
  const std::string option = facts.do_db->empty() ? "binlog_ignore_db" : "binlog_do_db";
  found.state = State::warn;
  found.reason = facts.do_db->empty() ? "not " + *facts.ignore_db : "only " + *facts.do_db;
  found.reason += " (" + option + "): the rest never gets to the replica";
  found.remedy = {"# take it from the server's option file, then restart it:", option};
  return found;
}

Requirement judge_server_id(const ServerFacts& master, const ServerFacts* replica,
                            const CloudRules& cloud) {
  const std::string* id = master.find("server_id");
  Requirement found{"server_id", State::ok, id == nullptr ? "" : *id, {}, options_manual};
  if (id == nullptr || *id == "0") {
    found.state = State::fail;
    found.reason = "0: a master refuses replicas then";
    found.remedy = set_variable(master, "server_id", "1001");
    return found;
  }
  const std::string* other = replica == nullptr ? nullptr : replica->find("server_id");
  if (other == nullptr) {
    found.reason += "; the replica's must be another one";
  } else if (*other == *id) {
    found.state = State::fail;
    found.reason += " on both: the replica takes the master's events for its own and skips them";
    found.remedy = {"-- on the replica, with a number that no other server has:"};
    append(found.remedy, set_on_replica(cloud, replica, "server_id", "1002"));
  } else {
    found.reason += ", replica " + *other;
  }
  return found;
}

Requirement judge_server_uuid(const ServerFacts& master, const ServerFacts* replica) {
  const std::string* uuid = master.find("server_uuid");
  if (uuid == nullptr) return absent("server_uuid");
  const std::string* other = replica == nullptr ? nullptr : replica->find("server_uuid");
  if (other != nullptr && *other == *uuid) {
    return {"server_uuid",
            State::fail,
            *uuid + " on both: one is a copy of the other's files",
            {"# stop the replica, delete auto.cnf in its data directory, start it"},
            options_manual};
  }
  return {"server_uuid", State::ok, *uuid, {}, options_manual};
}

using Setter = std::function<Lines(std::string_view name, std::string_view value)>;

/// From OFF or OFF_PERMISSIVE: it takes one step at a time (error 1788), and before MySQL 5.7.6
/// none while the server runs.
Lines raise_gtid_mode(const ServerFacts& server, const std::string& from, const std::string& to,
                      const Setter& set) {
  if (!server.is_mysql(5, 7, 6)) {
    Lines lines = set_option("gtid_mode", "ON");
    lines.emplace_back("enforce_gtid_consistency = ON");
    return lines;
  }
  Lines lines = set("enforce_gtid_consistency", "ON");
  if (from == "OFF") append(lines, set("gtid_mode", "OFF_PERMISSIVE"));
  append(lines, set("gtid_mode", "ON_PERMISSIVE"));
  if (to == "ON") {
    lines.emplace_back(
        "-- once SHOW STATUS LIKE 'ONGOING_ANONYMOUS_TRANSACTION_COUNT' tells 0 there:");
    append(lines, set("gtid_mode", "ON"));
  }
  return lines;
}

/// OFF takes no transactions with a GTID, and ON none without one (error 13117 of the replica's
/// receiver).
bool take_the_same(const std::string& mode, const std::string& replica_mode) {
  const bool with_gtids = mode == "ON" || mode == "ON_PERMISSIVE";
  return replica_mode != (with_gtids ? "OFF" : "ON");
}

Lines turn_on_gtids(const ServerFacts& master, const std::string& mode) {
  return raise_gtid_mode(master, mode, "ON",
                         [&master](std::string_view name, std::string_view value) {
                           return set_variable(master, name, value);
                         });
}

Lines align_gtid_mode(const ServerFacts& master, const ServerFacts& replica,
                      const CloudRules& cloud) {
  const std::string& mode = *master.find("gtid_mode");
  const std::string& replica_mode = *replica.find("gtid_mode");
  const Setter there = [&](std::string_view name, std::string_view value) {
    return set_on_replica(cloud, &replica, name, value);
  };
  Lines lines{"-- on the replica, in this order:"};
  if (replica_mode == "OFF") {
    append(lines, raise_gtid_mode(replica, replica_mode, mode, there));
    return lines;
  }
  append(lines, there("gtid_mode", "ON_PERMISSIVE"));
  lines.emplace_back("-- or on the master, in this order:");
  append(lines, turn_on_gtids(master, mode));
  return lines;
}

Requirement judge_mysql_gtid(const ServerFacts& master, const ServerFacts* replica,
                             const CloudRules& cloud) {
  const std::string* mode = master.find("gtid_mode");
  if (mode == nullptr) return absent("gtid_mode");
  Requirement found{"gtid_mode", State::ok, *mode, {}, cloud.source};
  const std::string* other = replica == nullptr ? nullptr : replica->find("gtid_mode");
  if (other != nullptr) found.reason += ", replica " + *other;
  if (other != nullptr && !take_the_same(*mode, *other)) {
    found.state = State::fail;
    found.reason += *other == "OFF" ? ": it takes no transactions with a GTID"
                                    : ": it takes no transactions without a GTID";
    found.remedy = align_gtid_mode(master, *replica, cloud);
  } else if (*mode == "ON") {
    const bool by_gtid =
        other == nullptr ? replica == nullptr || !replica->is_mariadb() : *other == "ON";
    found.reason += by_gtid ? ": by GTID, or by file and position" : ": by file and position";
  } else if (*mode == "OFF") {
    found.reason += ": by file and position";
    if (cloud.cloud == Cloud::azure) {
      found.reason += " (a server with high availability takes GTIDs only)";
    } else if (cloud.cloud == Cloud::cloudsql) {
      found.state = State::warn;
      found.reason += ", and an import into Cloud SQL takes GTIDs only";
      found.remedy = turn_on_gtids(master, *mode);
    }
  } else {
    found.state = cloud.half_gtid;
    found.reason += ": some transactions have a GTID and others not";
    const bool on = *mode == "ON_PERMISSIVE";
    // Else ON is refused (error 3111).
    if (on && !master.is_on("enforce_gtid_consistency")) {
      found.remedy = set_variable(master, "enforce_gtid_consistency", "ON");
    }
    append(found.remedy, set_variable(master, "gtid_mode", on ? "ON" : "OFF"));
  }
  return found;
}

Requirement judge_gtid(const ServerFacts& master, const ServerFacts* replica,
                       const CloudRules& cloud) {
  if (!master.is_mariadb()) return judge_mysql_gtid(master, replica, cloud);
  const std::string* position = master.find("gtid_binlog_pos");
  Requirement found{"GTID", State::ok, "MariaDB's, always there", {}, cloud.source};
  if (position != nullptr && !position->empty()) found.reason += "; gtid_binlog_pos " + *position;
  return found;
}

std::string hours_text(double hours) {
  char text[64];
  if (hours < 48) {
    std::snprintf(text, sizeof text, "%.3g hours", hours);
  } else {
    std::snprintf(text, sizeof text, "%.3g days", hours / 24);
  }
  return text;
}

Requirement judge_retention(const ServerFacts& master, const CloudRules& cloud) {
  const bool in_seconds = master.find("binlog_expire_logs_seconds") != nullptr;
  Requirement found{"binlog retention", State::ok, {}, {}, cloud.source};
  const auto hours = retention_hours(master);
  if (!hours) {
    found.reason = "binlog files are never purged by age";
    return found;
  }
  found.reason = "binlog files are kept for " + hours_text(*hours);
  if (*hours >= cloud.min_retention_hours) return found;
  found.state = State::warn;
  found.reason += ": a replica that is away for longer cannot come back";
  const unsigned days = std::max(7U, cloud.min_retention_hours / 24);
  // MySQL 8.0 has one of them only (error 11079).
  if (master.is_mysql(8, 0) && master.number("expire_logs_days").value_or(0) > 0) {
    found.remedy = set_variable(master, "expire_logs_days", "0");
  }
  append(found.remedy, in_seconds ? set_variable(master, "binlog_expire_logs_seconds",
                                                 std::to_string(days * 86400))
                                  : set_variable(master, "expire_logs_days", std::to_string(days)));
  return found;
}

}  // namespace

/// From 8.0 on binlog_expire_logs_seconds counts, and expire_logs_days only if that is 0
/// (sql/binlog.cc, calculate_purge_time). MariaDB from 10.6 on keeps both in step.
std::optional<double> retention_hours(const ServerFacts& master) {
  if (const std::string* automatic = master.find("binlog_expire_logs_auto_purge")) {
    if (*automatic == "OFF") return std::nullopt;
  }
  const double seconds = master.number("binlog_expire_logs_seconds").value_or(0);
  if (seconds > 0) return seconds / 3600;
  const double days = master.number("expire_logs_days").value_or(0);
  if (days > 0) return days * 24;
  return std::nullopt;
}

Findings judge_binlog(const ServerFacts& master, const ServerFacts* replica,
                      const BinlogFacts& facts, const CloudRules& cloud) {
  return {judge_log_bin(master, cloud),
          judge_updates(master, facts),
          judge_schemas(facts),
          judge_format(master, replica, cloud),
          judge_row_image(master),
          judge_checksum(master),
          judge_compression(master, replica),
          judge_server_id(master, replica, cloud),
          judge_server_uuid(master, replica),
          judge_gtid(master, replica, cloud),
          judge_retention(master, cloud)};
}

}  // namespace sluice::proxy::check

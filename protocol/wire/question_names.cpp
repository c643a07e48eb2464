#include "protocol/wire/question_names.hpp"

#include <algorithm>
#include <array>

#include "protocol/ascii.hpp"
#include "protocol/wire/question_lexer.hpp"

namespace sluice::wire {

namespace {

struct NamedRule {
  std::string_view name;
  SettingRule rule;
};

// Two names for one setting: until 8.0.25 only the first, 8.0.26 and later both at once, 9.7 for
// semi-sync only the second.
constexpr std::array<NamedRule, 16> user_variables = {{
    // MySQL and MariaDB replicas, go-mysql, binlog-connector-java, python-mysql-replication
    {"master_heartbeat_period", {Setting::heartbeat_period, ValueForm::number}},
    {"source_heartbeat_period", {Setting::heartbeat_period, ValueForm::number}},
    // all of those and mysqlbinlog
    {"master_binlog_checksum", {Setting::binlog_checksum, ValueForm::checksum}},
    {"source_binlog_checksum", {Setting::binlog_checksum, ValueForm::checksum}},
    // MySQL replicas, go-mysql, python-mysql-replication
    {"slave_uuid", {Setting::replica_uuid, ValueForm::uuid}},
    {"replica_uuid", {Setting::replica_uuid, ValueForm::uuid}},
    // replicas with semi-sync, go-mysql
    {"rpl_semi_sync_slave", {Setting::semi_sync_replica, ValueForm::number}},
    {"rpl_semi_sync_replica", {Setting::semi_sync_replica, ValueForm::number}},
    // MariaDB replicas and mysqlbinlog, clients of MariaDB
    {"mariadb_slave_capability", {Setting::mariadb_capability, ValueForm::number}},
    // MariaDB replicas in GTID mode, mariadb-binlog from a GTID, clients of MariaDB
    {"slave_connect_state", {Setting::connect_state, ValueForm::gtids}},
    {"slave_gtid_strict_mode", {Setting::gtid_strict_mode, ValueForm::number}},
    {"slave_gtid_ignore_duplicates", {Setting::gtid_ignore_duplicates, ValueForm::number}},
    // MariaDB's START SLAVE UNTIL; the second since 11.3
    {"slave_until_gtid", {Setting::until_gtid, ValueForm::gtids}},
    {"slave_gtid_until_before_gtids", {Setting::until_before_gtids, ValueForm::number}},
    // MariaDB's IGNORE_DOMAIN_IDS and DO_DOMAIN_IDS, since 13.1
    {"slave_connect_state_domain_ids_ignore", {Setting::ignored_domains, ValueForm::gtids}},
    {"slave_connect_state_domain_ids_do", {Setting::wanted_domains, ValueForm::gtids}},
}};

constexpr std::array<NamedRule, 4> session_variables = {{
    // MariaDB with replicate_events_marked_for_skip=FILTER_ON_MASTER
    {"skip_replication", {Setting::skip_replication, ValueForm::number}},
    // binlog-connector-java: a dump thread that waits longer for a slow reader
    {"net_write_timeout", {Setting::net_write_timeout, ValueForm::number}},
    {"net_read_timeout", {Setting::net_read_timeout, ValueForm::number}},
    // client libraries after each login (PyMySQL under python-mysql-replication)
    {"autocommit", {Setting::autocommit, ValueForm::number}},
}};

constexpr std::array<std::string_view, 10> system_variables = {
    "server_id",                     // all replicas, binlog-connector-java
    "server_uuid",                   // MySQL replicas
    "gtid_mode",                     // MySQL replicas
    "gtid_domain_id",                // MariaDB replicas in GTID mode
    "binlog_checksum",               // go-mysql, binlog-connector-java, python-mysql-replication
    "gtid_purged",                   // binlog-connector-java without a start position
    "lower_case_table_names",        // another Sluice, with patterns of its own
    "binlog_row_metadata",           // python-mysql-replication
    "rpl_semi_sync_master_enabled",  // replicas with semi-sync, go-mysql
    "rpl_semi_sync_source_enabled",  // the same, 8.0.26+
};

constexpr std::array<std::string_view, 2> readable_user_variables = {
    "master_binlog_checksum",  // all replicas: what the SET before it gave
    "source_binlog_checksum",  // 8.0.26+
};

template <std::size_t size>
std::optional<SettingRule> find(const std::array<NamedRule, size>& rules, std::string_view name) {
  for (const auto& [known, rule] : rules) {
    if (equal_ignoring_case(known, name)) return rule;
  }
  return std::nullopt;
}

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return equal_ignoring_case(known, name); });
}

bool only(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view digits = "0123456789";

}  // namespace

std::optional<SettingRule> find_user_variable(std::string_view name) {
  return find(user_variables, name);
}

std::optional<SettingRule> find_session_variable(std::string_view name) {
  return find(session_variables, name);
}

bool is_readable_system_variable(std::string_view name) {
  return contains(system_variables, name);
}

bool is_readable_user_variable(std::string_view name) {
  return contains(readable_user_variables, name);
}

bool has_form(std::string_view value, ValueForm form) {
  switch (form) {
    case ValueForm::number:
      return !value.empty() && value.size() <= 20 && only(value, digits);
    case ValueForm::checksum:
      return equal_ignoring_case(value, "NONE") || equal_ignoring_case(value, "CRC32");
    case ValueForm::uuid:
      return value.size() <= 64 && only(value, "0123456789abcdefABCDEF-");
    case ValueForm::gtids:
      return only(value, "0123456789-, ");
    case ValueForm::charset:
      return !value.empty() && value.size() <= 64 &&
             only(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  }
  return false;
}

}  // namespace sluice::wire

#include "proxy/check/statements.hpp"
#include "proxy/cli/shell_word.hpp"
#include "proxy/config/config_values.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {
namespace {

using check::Cloud;
using check::CloudRules;

std::string version_text(const Source& source) {
  return check::to_text(source.replica.version);
}

/// Why such a replica cannot be linked so; empty: it can.
std::string why_not(const Source& source, const CloudRules& rules) {
  const std::string name(rules.name);
  if (source.replica.is_mariadb() && !rules.oldest_mariadb) {
    return name + " is no replica of MariaDB (" + version_text(source) + "); " +
           (rules.cloud == Cloud::mysql ? "--for mariadb" : "sluice check says more");
  }
  if (source.by_gtid && rules.cloud == Cloud::mariadb && !source.replica.is_mariadb()) {
    return "MariaDB cannot follow the GTIDs of a MySQL master: link it by file and position";
  }
  if (source.by_gtid && !source.coordinates.gtids) {
    return source.coordinates.origin + " has no GTIDs: link it by file and position" +
           (source.replica.is_mariadb() ? "" : ", or turn gtid_mode on");
  }
  if (!source.by_gtid && source.coordinates.file.empty()) {
    return source.coordinates.origin + " names no file and position, but GTIDs: add --gtid";
  }
  return {};
}

/// The replica, for people. Of a MariaDB that follows a MySQL the version may not be known.
std::string replica_text(const Source& source, const CloudRules& rules) {
  if (rules.cloud == Cloud::mariadb && !source.replica.is_mariadb()) return std::string(rules.name);
  if (rules.has_super) return version_text(source);
  return std::string(rules.name) + " (" + version_text(source) + ")";
}

/// Whether the dump sets GTID_PURGED, which a service lets nobody do, and mysqldump cannot comment
/// it out.
bool has_forbidden_statements(const Source& source, const CloudRules& rules) {
  return source.by_gtid && !rules.has_super && !source.replica.is_mariadb() &&
         !source.replica.is_mysql(8, 0, 17);
}

std::string dump_command(const Source& source, const CloudRules& rules) {
  if (source.replica.is_mariadb()) {
    return std::string(source.replica.version.at_least(10, 4, 6) ? "mariadb-dump" : "mysqldump") +
           " --single-transaction --master-data=2 --gtid --routines --events --databases APP";
  }
  const bool service = source.by_gtid && !rules.has_super;
  const bool commented = service && !has_forbidden_statements(source, rules);
  const char* purged = !source.by_gtid ? "OFF" : commented ? "COMMENTED" : "ON";
  // mysqldump comments the GTIDs only (error 1227).
  const char* filter = service ? " | sed '/^SET @@SESSION.SQL_LOG_BIN/s/^/-- /'" : "";
  return "mysqldump --single-transaction " +
         std::string(source.replica.is_mysql(8, 0, 26) ? "--source-data=2" : "--master-data=2") +
         " --set-gtid-purged=" + purged + " --routines --events --databases APP" + filter;
}

void begin(const Source& source, const CloudRules& rules, Script& script) {
  const std::string option(rules.option);
  const std::string config = shell_word(source.config);
  script.comment(replica_text(source, rules) + " as a replica of Sluice at " +
                 to_text(source.address) + ". Its manual: " + std::string(rules.source));
  for (const std::string& warning : source.warnings) script.comment("WARNING: " + warning);
  script.comment(
      "Before:\n"
      "  sluice check " +
      config + " --for " + option +
      " --as root    # what is missing on either side\n"
      "  sluice check " +
      config + " --for " + option +
      " --as root --accounts --replica HOST --replica-user NAME    # accounts are not replicated\n"
      "  The replica's outgoing address belongs in [relay.replica] allow, and firewalls between "
      "must let it in.\n"
      "  If it is not known: start the replica, and take peer= of Sluice's log line \"login "
      "refused "
      "... refused_for=address\".\n"
      "  " +
      dump_command(source, rules) +
      " > dump.sql    # of the master\n"
      "  The dump is restored on the replica" +
      (has_forbidden_statements(source, rules)
           ? ", without its statement that sets GTID_PURGED. Nothing may write there from then "
             "on.\n"
           : ", where nothing may write from then on.\n") +
      "  sluice link " + config + " --for " + option + " --from-dump dump.sql" +
      (source.by_gtid ? " --gtid" : ""));
  const Coordinates& from = source.coordinates;
  std::string where = "From: ";
  if (source.by_gtid) {
    where += "GTIDs " + (from.gtids->empty() ? "(none)" : *from.gtids);
  } else {
    where += from.file + ":" + std::to_string(from.position);
  }
  script.comment(where + ", " + from.origin +
                 ". The replica must hold what the master held there, "
                 "no less and no more.");
  if (!from.kept) {
    script.comment(std::string("It is not known whether the master still has what comes behind: ") +
                   (source.master ? "the relay's account may not see it\n(REPLICATION CLIENT)."
                                  : "it was not asked."));
  }
  if (source.password) {
    script.comment("The password of " + source.user + " stands below in the clear.");
  } else {
    script.comment("Put the password of " + source.user + " in the place of " +
                   source.placeholder() + ".");
  }
}

}  // namespace

std::string quoted_password(const Source& source) {
  return check::quoted_text(source.password ? source.password->reveal()
                                            : std::string_view(source.placeholder()));
}

void show_status(const Source& source, Script& script) {
  if (!source.replica.is_mysql(8, 0, 22)) return show_slave_status(script);
  script.comment(
      "Both must be Yes: Replica_IO_Running, Replica_SQL_Running. If not, Last_IO_Error and "
      "Last_SQL_Error say why:");
  script.statement("SHOW REPLICA STATUS;");
}

void show_slave_status(Script& script) {
  script.comment(
      "Both must be Yes: Slave_IO_Running, Slave_SQL_Running. If not, Last_IO_Error and "
      "Last_SQL_Error say why:");
  script.statement("SHOW SLAVE STATUS;");
}

boost::system::result<Script, std::string> make_script(const Source& source,
                                                       const CloudRules& rules) {
  if (auto reason = why_not(source, rules); !reason.empty()) return reason;
  Script script;
  begin(source, rules, script);
  switch (rules.cloud) {
    case Cloud::azure:
      link_azure(source, script);
      break;
    case Cloud::rds:
      if (auto reason = link_rds(source, script); !reason.empty()) return reason;
      break;
    case Cloud::cloudsql:
      link_cloudsql(source, script);
      break;
    case Cloud::mysql:
      link_mysql(source, script);
      break;
    case Cloud::mariadb:
      link_mariadb(source, script);
      break;
  }
  return script;
}

}  // namespace sluice::proxy::link

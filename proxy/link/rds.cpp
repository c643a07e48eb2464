// Amazon RDS for MySQL and for MariaDB: docs.aws.amazon.com/AmazonRDS/latest/UserGuide/
// mysql-stored-proc-replicating.html, mysql_rds_set_external_master_gtid.html.
#include "proxy/check/statements.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {
namespace {

using check::quoted_text;

std::string login(const Source& source) {
  return quoted_text(source.address.host) + ", " + std::to_string(source.address.port) + ", " +
         quoted_text(source.user) + ", " + quoted_password(source) + ", ";
}

/// A call for each interval of "uuid:1-5:7,uuid:1-3", as the procedure takes one.
void set_purged(std::string_view gtids, Script& script) {
  while (!gtids.empty()) {
    const std::size_t comma = gtids.find(',');
    std::string_view set = gtids.substr(0, comma);
    const std::string uuid(set.substr(0, set.find(':')));
    while (set.find(':') != std::string_view::npos) {
      set.remove_prefix(set.find(':') + 1);
      const std::string_view interval = set.substr(0, set.find(':'));
      const std::size_t dash = interval.find('-');
      const std::string first(interval.substr(0, dash));
      const std::string last(dash == std::string_view::npos ? first : interval.substr(dash + 1));
      std::string call = "CALL mysql.rds_set_external_source_gtid_purged(" + quoted_text(uuid);
      call.append(", ").append(first).append(", ").append(last).append(");");
      script.statement(std::move(call));
    }
    gtids.remove_prefix(comma == std::string_view::npos ? gtids.size() : comma + 1);
  }
}

/// Whether a set has transactions with tags, "uuid:tag:1".
bool has_tags(std::string_view gtids) {
  for (std::size_t at = gtids.find(':'); at != std::string_view::npos;
       at = gtids.find(':', at + 1)) {
    if (at + 1 < gtids.size() && (gtids[at + 1] < '0' || gtids[at + 1] > '9')) return true;
  }
  return false;
}

}  // namespace

std::string link_rds(const Source& source, Script& script) {
  const Coordinates& from = source.coordinates;
  const std::string ssl = source.tls() ? "1" : "0";
  const bool renamed = source.replica.is_mysql(8, 4);
  const std::string name =
      renamed ? "mysql.rds_set_external_source" : "mysql.rds_set_external_master";
  if (source.tls()) {
    script.comment(
        "RDS encrypts but does not verify: whoever can answer in the place of Sluice gets in "
        "between. Name the\naddresses of the RDS instance in [relay.replica] allow, and use a "
        "VPN or peering where you can.");
  }
  if (source.by_gtid && source.replica.is_mariadb()) {
    script.statement("CALL mysql.rds_set_external_master_gtid(" + login(source) +
                     quoted_text(*from.gtids) + ", " + ssl + ");");
  } else if (source.by_gtid) {
    if (!source.replica.is_mysql(8, 0, 37)) {
      return "RDS for MySQL before 8.0.37 cannot be told what it has already (gtid_purged): link "
             "it by file and position";
    }
    if (has_tags(*from.gtids)) {
      return "RDS for MySQL cannot be told of GTIDs with tags (" + *from.gtids +
             "): link it by file and position";
    }
    if (!from.gtids->empty()) {
      script.comment(
          "What the instance has already. One that follows this master by GTID now knows: leave it "
          "out, and stop the\nreplication first.");
    }
    set_purged(*from.gtids, script);
    script.statement("CALL " + name + "_with_auto_position(" + login(source) + ssl + ", 0);");
  } else {
    script.statement("CALL " + name + "(" + login(source) + quoted_text(from.file) + ", " +
                     std::to_string(from.position) + ", " + ssl + ");");
  }
  script.statement("CALL mysql.rds_start_replication;");
  show_status(source, script);
  script.comment("To end it: CALL mysql.rds_stop_replication; CALL mysql.rds_reset_external_" +
                 std::string(renamed ? "source;" : "master;"));
  return {};
}

}  // namespace sluice::proxy::link

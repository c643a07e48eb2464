// Azure Database for MySQL, data-in replication: learn.microsoft.com/azure/mysql/flexible-server/
// how-to-data-in-replication.
#include "proxy/check/statements.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {

using check::quoted_text;

void link_azure(const Source& source, Script& script) {
  const Coordinates& from = source.coordinates;
  if (source.by_gtid && !from.gtids->empty()) {
    script.comment(
        "What the server has already, told to it with the Azure command line. This invalidates all "
        "its backups,\nand is refused with geo-redundant backup or read replicas. A server that "
        "follows this master by GTID now knows:\nleave it out, and stop the replication first.");
    script.step("az mysql flexible-server gtid reset --resource-group GROUP --server-name SERVER " +
                ("--gtid-set " + *from.gtids));
  }
  std::string authority = "''";
  if (source.tls()) {
    script.statement("SET @cert = " + quoted_text(source.authority) + ";");
    authority = "@cert";
  }
  std::string call = source.by_gtid ? "CALL mysql.az_replication_change_master_with_gtid("
                                    : "CALL mysql.az_replication_change_master(";
  call += quoted_text(source.address.host) + ", " + quoted_text(source.user) + ", " +
          quoted_password(source) + ", " + std::to_string(source.address.port) + ", ";
  if (!source.by_gtid) {
    script.comment("With high availability the server takes GTIDs only: link it with --gtid then.");
    call += quoted_text(from.file) + ", " + std::to_string(from.position) + ", ";
  }
  script.statement(call + authority + ");");
  script.statement("CALL mysql.az_replication_start;");
  show_status(source, script);
  script.comment(
      "To end it: CALL mysql.az_replication_stop; CALL mysql.az_replication_remove_master;");
}

}  // namespace sluice::proxy::link

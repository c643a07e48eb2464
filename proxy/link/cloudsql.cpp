// Cloud SQL for MySQL, custom import: cloud.google.com/sql/docs/mysql/replication/
// custom-import-replication-from-external.
#include "protocol/json_text.hpp"
#include "proxy/check/statements.hpp"
#include "proxy/config/config_values.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {
namespace {

using check::quoted_text;

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// Databases of the API: MYSQL_8_0, MYSQL_8_4.
std::string database_version(const check::ServerFacts& server) {
  const auto& number = server.version.number;
  return "MYSQL_" + std::to_string(number.major) + "_" + std::to_string(number.minor);
}

void represent(const Source& source, Script& script) {
  script.comment(
      "1. The representation of this source, source.json. What it says is used by checks and by "
      "a managed import.\n   A managed import dumps over the same address, and Sluice gives out "
      "the binlog only: make a custom import.");
  std::string representation =
      "{\n  \"name\": \"SOURCE\",\n  \"region\": \"REGION\",\n  "
      "\"databaseVersion\": " +
      json(database_version(source.replica)) +
      ",\n  \"onPremisesConfiguration\": {\n    \"hostPort\": " + json(to_text(source.address)) +
      ",\n    \"username\": " + json(source.user) +
      ",\n    \"password\": " + json(source.placeholder());
  if (source.tls()) representation += ",\n    \"caCertificate\": " + json(source.authority);
  if (source.client_certificate) {
    representation += ",\n    \"clientCertificate\": \"PEM\",\n    \"clientKey\": \"PEM\"";
  }
  script.step(representation + "\n  }\n}");
  script.step(
      "curl -X POST -H \"Authorization: Bearer $(gcloud auth print-access-token)\" \\\n"
      "  -H 'Content-Type: application/json' --data @source.json \\\n"
      "  https://sqladmin.googleapis.com/sql/v1beta4/projects/PROJECT/instances");
  script.comment(
      "2. A Cloud SQL instance INSTANCE of the same version, and the dump restored into it.\n"
      "3. It becomes a replica of the representation, without replication yet; demote.json:");
  script.step(
      "{\"demoteMasterContext\": {\"masterInstanceName\": \"SOURCE\", \"skipReplicationSetup\": "
      "true}}");
  script.step(
      "curl -X POST -H \"Authorization: Bearer $(gcloud auth print-access-token)\" \\\n"
      "  -H 'Content-Type: application/json' --data @demote.json \\\n"
      "  https://sqladmin.googleapis.com/sql/v1beta4/projects/PROJECT/instances/INSTANCE/"
      "demoteMaster");
  script.comment(
      "4. The outgoing address of INSTANCE belongs in [relay.replica] allow. Then, on it:");
}

}  // namespace

void link_cloudsql(const Source& source, Script& script) {
  represent(source, script);
  const Coordinates& from = source.coordinates;
  const std::string ssl = std::string(source.tls() ? "true" : "false") + ", " +
                          (source.client_certificate ? "true" : "false");
  const std::string login = quoted_text(source.address.host) + ", " +
                            std::to_string(source.address.port) + ", " + quoted_text(source.user) +
                            ", " + quoted_password(source) + ", ";
  if (source.by_gtid) {
    script.comment(
        "What the instance has already. One that follows this master by GTID now knows: leave out "
        "what comes before\nsetupExternalSourceAutoPosition, and stop the replication first.");
    script.statement("CALL mysql.resetMaster();");
    if (!from.gtids->empty()) {
      script.statement("CALL mysql.skipTransactionWithGtid(" + quoted_text(*from.gtids) + ");");
    }
    script.statement("CALL mysql.setupExternalSourceAutoPosition(" + login + "1, " + ssl + ");");
  } else {
    script.statement("CALL mysql.setupExternalSource(" + login + quoted_text(from.file) + ", " +
                     std::to_string(from.position) + ", " + ssl + ");");
  }
  script.statement("CALL mysql.startReplication();");
  show_status(source, script);
}

}  // namespace sluice::proxy::link

#include "proxy/check/binlog.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::check {
namespace {

std::string_view replica_status(const ServerFacts& master) {
  if (master.is_mariadb()) return "SHOW ALL SLAVES STATUS";
  return master.is_mysql(8, 0, 22) ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS";
}

}  // namespace

BinlogFacts look_at_binlog(SqlClient& client, const ServerFacts& master) {
  BinlogFacts facts;
  facts.account = client.value("SELECT CURRENT_USER()").value_or("");
  if (const auto answer = client.query(replica_status(master))) {
    facts.is_replica = !answer->rows.empty();
  }
  const auto answer =
      client.query(master.is_mysql(8, 4) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  if (answer && !answer->rows.empty() && answer->rows[0].size() > 3) {
    facts.do_db = answer->rows[0][2];
    facts.ignore_db = answer->rows[0][3];
  }
  return facts;
}

}  // namespace sluice::proxy::check

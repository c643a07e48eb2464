#include "proxy/link/gtids.hpp"

#include <algorithm>
#include <charconv>

#include "proxy/check/statements.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::link {
namespace {

using check::quoted_text;

/// "0-1-7" of a position of MariaDB.
struct MariadbGtid {
  std::string_view text;
  std::string_view domain;
  std::string_view server;
  std::uint64_t sequence = 0;
};

std::vector<MariadbGtid> split(std::string_view position) {
  std::vector<MariadbGtid> all;
  while (!position.empty()) {
    MariadbGtid one;
    one.text = position.substr(0, position.find(','));
    position.remove_prefix(std::min(position.size(), one.text.size() + 1));
    const std::size_t first = one.text.find('-');
    const std::size_t last = one.text.rfind('-');
    if (first == last) continue;
    one.domain = one.text.substr(0, first);
    one.server = one.text.substr(first + 1, last - first - 1);
    const char* const end = one.text.data() + one.text.size();
    std::from_chars(one.text.data() + last + 1, end, one.sequence);
    all.push_back(one);
  }
  return all;
}

void list(std::string& text, std::string_view gtid) {
  text.append(text.empty() ? "" : ",").append(gtid);
}

std::string purged_too_early(const Coordinates& from, const std::string& gtids) {
  return from.origin + ": the replica would ask for what the master has purged from its binlog (" +
         gtids + "); make a new dump of it";
}

std::string never_executed(const Coordinates& from, const std::string& gtids) {
  return from.origin + ": the master has not executed " + gtids +
         ": give what the replica has of this very master, as a new dump of it would, or link it "
         "by "
         "file and position";
}

GtidVerdict judge_mysql(SqlClient& client, const check::ServerFacts& master,
                        const Coordinates& from) {
  // Else the receiver of the replica does not start.
  if (const auto* mode = master.find("gtid_mode"); mode != nullptr && !master.is_on("gtid_mode")) {
    return {"the master has gtid_mode = " + *mode +
                ", so none can follow it by GTID: link the replica by file and position, or turn "
                "gtid_mode on and make a new dump",
            true};
  }
  const std::string set = quoted_text(*from.gtids);
  const auto answer =
      client.query("SELECT GTID_SUBTRACT(" + set +
                   ", @@GLOBAL.gtid_executed), GTID_SUBTRACT(@@GLOBAL.gtid_purged, " + set + ")");
  constexpr std::uint16_t malformed_set = 1772;
  if (!answer && answer.error().code == malformed_set) {
    return {from.origin + ": the master says: " + answer.error().text, true};
  }
  if (!answer || answer->rows.empty() || answer->rows[0].size() != 2) return {};
  const std::string strange = without_blanks(answer->rows[0][0].value_or(""));
  const std::string purged = without_blanks(answer->rows[0][1].value_or(""));
  if (!strange.empty()) return {never_executed(from, strange), true};
  if (!purged.empty()) return {purged_too_early(from, purged), true};
  return {{}, true};
}

GtidVerdict judge_mariadb(SqlClient& client, const MasterBinlogs& binlogs,
                          const Coordinates& from) {
  const auto state = client.value("SELECT @@GLOBAL.gtid_binlog_state");
  const auto slave_pos = client.value("SELECT @@GLOBAL.gtid_slave_pos");
  if (state) {
    const auto strange = not_reached(*from.gtids, without_blanks(*state), slave_pos.value_or(""));
    if (!strange.empty()) return {never_executed(from, strange), true};
  }
  if (binlogs.files.empty()) return {};
  // What was written before the oldest file that is kept.
  const auto before =
      client.value("SELECT BINLOG_GTID_POS(" + quoted_text(binlogs.files.front().name) + ", 4)");
  const std::string purged = lacking(*from.gtids, before.value_or(""));
  if (!purged.empty()) return {purged_too_early(from, purged), true};
  return {{}, true};
}

}  // namespace

/// As the master judges its files: sql/sql_repl.cc, contains_all_slave_gtid().
std::string lacking(std::string_view position, std::string_view purged) {
  std::string missing;
  const auto has = split(position);
  for (const MariadbGtid& gtid : split(purged)) {
    const auto reached = std::ranges::find(has, gtid.domain, &MariadbGtid::domain);
    if (reached != has.end() &&
        (reached->server != gtid.server || reached->sequence >= gtid.sequence)) {
      continue;
    }
    list(missing, gtid.text);
  }
  return missing;
}

/// As the master judges a replica that comes: sql/sql_repl.cc, check_slave_start_position(). A
/// domain of which it has nothing is another master's; where it has itself been a replica to,
/// another replica may go on from.
std::string not_reached(std::string_view position, std::string_view binlog_state,
                        std::string_view slave_pos) {
  std::string strange;
  const auto written = split(binlog_state);
  const auto applied = split(slave_pos);
  for (const MariadbGtid& gtid : split(position)) {
    const auto has = [&gtid](const MariadbGtid& own) {
      return own.domain == gtid.domain && own.server == gtid.server &&
             own.sequence >= gtid.sequence;
    };
    const bool known =
        std::ranges::any_of(written, has) ||
        std::ranges::find(applied, gtid.text, &MariadbGtid::text) != applied.end() ||
        std::ranges::find(written, gtid.domain, &MariadbGtid::domain) == written.end();
    if (!known) list(strange, gtid.text);
  }
  return strange;
}

GtidVerdict judge_gtids(SqlClient& client, const check::ServerFacts& master,
                        const MasterBinlogs& binlogs, const Coordinates& from) {
  if (!from.gtids) return {};
  if (!from.gtids->empty() && !is_gtid_set(*from.gtids, master.is_mariadb())) return {};
  return master.is_mariadb() ? judge_mariadb(client, binlogs, from)
                             : judge_mysql(client, master, from);
}

}  // namespace sluice::proxy::link

#include "proxy/link/kept.hpp"

#include <algorithm>
#include <charconv>

#include "proxy/check/statements.hpp"
#include "proxy/sql_client.hpp"

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

/// What the master had written before the oldest file that it keeps, and the replica has not.
std::string purged_too_early(SqlClient& client, const check::ServerFacts& master,
                             const std::string& gtids, const MasterBinlogs& binlogs) {
  if (!master.is_mariadb()) {
    const auto missing =
        client.value("SELECT GTID_SUBTRACT(@@GLOBAL.gtid_purged, " + quoted_text(gtids) + ")");
    return without_blanks(missing.value_or(""));
  }
  const auto before =
      client.value("SELECT BINLOG_GTID_POS(" + quoted_text(binlogs.files.front().name) + ", 4)");
  return lacking(gtids, before.value_or(""));
}

}  // namespace

std::string why_not_there(const Coordinates& from, const MasterBinlogs& kept) {
  const std::string place = from.file + ":" + std::to_string(from.position);
  const auto file = std::ranges::find(kept.files, from.file, &MasterBinlogs::File::name);
  if (file == kept.files.end()) {
    const std::string& oldest = kept.files.front().name;
    const std::string& newest = kept.files.back().name;
    return from.origin + ": " + place + " is not there: the master keeps " +
           (oldest == newest ? oldest : oldest + " to " + newest) + " only; make a new dump of it";
  }
  if (from.position <= file->size) return {};
  return from.origin + ": " + place + " is not there: on the master this file ends at " +
         std::to_string(file->size) + "; make a new dump of it";
}

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
    missing.append(missing.empty() ? "" : ",").append(gtid.text);
  }
  return missing;
}

std::string why_not_kept(SqlClient& client, const check::ServerFacts& master, bool by_gtid,
                         Coordinates& from) {
  const auto answer = client.query("SHOW BINARY LOGS");
  if (!answer) return {};
  const MasterBinlogs binlogs = parse_binary_logs(*answer);
  if (binlogs.files.empty()) return {};
  std::string why;
  if (!by_gtid) {
    if (!from.file.empty()) why = why_not_there(from, binlogs);
  } else if (from.gtids && (from.gtids->empty() || is_gtid_set(*from.gtids, master.is_mariadb()))) {
    const std::string missing = purged_too_early(client, master, *from.gtids, binlogs);
    if (!missing.empty()) {
      why = from.origin +
            ": the replica would ask for what the master has purged from its binlog (" + missing +
            "); make a new dump of it";
    }
  }
  from.kept = why.empty();
  return why;
}

}  // namespace sluice::proxy::link
